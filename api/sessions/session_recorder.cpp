#include "api/sessions/session_recorder.hpp"

#include "common/clock/run_after.hpp"

#include <chrono>
#include <span>
#include <utility>

namespace turnix::sessions {

namespace {

constexpr auto interval = std::chrono::milliseconds{100};

}  // namespace

session_recorder::session_recorder(const boost::asio::any_io_executor& executor,
                                   contract::session_control& control, store::store& store, listener listen)
    : control_{control}, store_{store}, timer_{executor}, listen_{std::move(listen)} {}

void session_recorder::start() {
    store_.end_interrupted_sessions();
    wait();
}

void session_recorder::flush() {
    take();
    while (!pending_.empty() && !store_.record_session_events(pending_)) store_.flush();
    store_.flush();
}

void session_recorder::take() {
    const auto told = pending_.size();
    control_.take_events(pending_);
    const auto fresh = std::span{pending_}.subspan(told);
    tally_.count(fresh);
    for (const auto& each : fresh) listen_(each);
}

/// While the store's queue is full, the relay's rings keep what comes.
void session_recorder::take_events() {
    if (pending_.empty()) take();
    if (!pending_.empty()) store_.record_session_events(pending_);
}

void session_recorder::wait() {
    run_after(timer_, interval, [this] {
        wait();
        take_events();
    });
}

}  // namespace turnix::sessions
