#include "daemon/figures_clock.hpp"

#include "common/clock/run_after.hpp"
#include "relay/turn/counters.hpp"

#include <boost/asio/post.hpp>

#include <new>
#include <utility>

namespace turnix::daemon {

namespace {

api::relay_look look_at(relay::relay& relay) {
    api::relay_look seen{.sessions = relay.live_sessions(), .load = relay.load()};
    const auto totals = relay.counters().protocol;
    seen.relayed = totals.relayed;
    seen.refused.reserve(turn::error_code_texts.size() + turn::drop_reasons);
    for (const auto& [code, text] : turn::error_code_texts)
        seen.refused.emplace_back(text, totals.errors_of(code));
    for (std::size_t i = 0; i < turn::drop_reasons; ++i) {
        const auto reason = static_cast<turn::drop_reason>(i);
        seen.refused.emplace_back(to_string(reason), totals.drops_of(reason));
    }
    return seen;
}

}  // namespace

figures_clock::figures_clock(executors on, relay::relay& relay, api::control_api& api)
    : executors_{std::move(on)}, relay_{relay}, api_{api}, timer_{executors_.control} {}

void figures_clock::wait() {
    run_after(timer_, api::figures_book::interval, [this] {
        wait();
        api_.beat(instant::now().wall);
        if (looking_) return;
        boost::asio::post(executors_.desk, [this] { look(); });
        looking_ = true;
    });
}

void figures_clock::look() {
    try {
        boost::asio::post(executors_.control, [this, seen = look_at(relay_)] {
            looking_ = false;
            api_.show(seen, instant::now());
        });
    } catch (const std::bad_alloc&) {
        const auto look_no_longer = [this] { looking_ = false; };
        insist([&] { boost::asio::post(executors_.control, look_no_longer); });
    }
}

}  // namespace turnix::daemon
