#include "api/webhooks/outbox.hpp"

#include "api/store/webhook_table.hpp"
#include "api/webhooks/signature.hpp"
#include "common/clock/run_after.hpp"
#include "common/crypto/random.hpp"

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include <mutex>
#include <new>
#include <utility>

namespace turnix::webhooks {

namespace {

wall_time now_by_the_clock() { return std::chrono::system_clock::now(); }

/// From 0 to 1.
double random_share() {
    constexpr double largest = 255;
    return std::to_integer<int>(crypto::random_bytes<1>().front()) / largest;
}

}  // namespace

/// What the store's thread holds of the outbox: it may be at work when the outbox is gone.
struct outbox::way_back {
    std::mutex mutex;
    outbox* to{nullptr};
};

outbox::outbox(const boost::asio::any_io_executor& executor, parts from)
    : executor_{executor}, parts_{std::move(from)}, timer_{executor}, back_{std::make_shared<way_back>()} {
    back_->to = this;
}

outbox::~outbox() {
    const std::scoped_lock lock{back_->mutex};
    back_->to = nullptr;
}

void outbox::on_event(const events::event& what) {
    const auto wanting = parts_.hooks.wanting(what.kind, what.project);
    if (wanting.empty()) return;
    const auto body = parts_.write(what);
    for (const auto hook : wanting) {
        model::delivery made{.id = delivery_id::random(),
                             .webhook = hook,
                             .event = what.id,
                             .event_name = std::string{to_string(what.kind)},
                             .body = body,
                             .created_at = what.at,
                             .attempts = 0,
                             .due_at = what.at,
                             .give_up_at = what.at + tried_for,
                             .delivered_at = {},
                             .last_status = {},
                             .last_fault = {}};
        parts_.records.record(
            [made = std::move(made)](auto& database) { store::insert_delivery(database, made); });
    }
}

void outbox::start() { wait(); }

void outbox::wait() {
    run_after(timer_, look_interval, [this] {
        wait();
        look(now_by_the_clock());
    });
}

/// While the database fails, the look waits in its queue, one at most.
void outbox::look(wall_time now) {
    if (looking_ || parts_.hooks.empty()) return;
    looking_ = ask_store([now](auto& database) -> continuation {
        store::delete_old_deliveries(database, now - settled_kept);
        return [due = store::read_due_deliveries(database, now, under_way_max)](outbox& self) {
            self.looking_ = false;
            for (const auto& each : due) self.send(each);
        };
    });
}

/// `what` on the store's thread, what it returns on the executor's. False, with neither done, when the
/// store's queue is full.
bool outbox::ask_store(std::function<continuation(store::sqlite_database&)> what) {
    return parts_.records.record([what = std::move(what), back = back_](auto& database) {
        auto then = what(database);
        const std::scoped_lock lock{back->mutex};
        if (back->to == nullptr) return;
        boost::asio::post(back->to->executor_, [then = std::move(then), to = back->to] { then(*to); });
    });
}

void outbox::send(const model::delivery& what) {
    const auto hook = parts_.hooks.find(what.webhook);
    if (!hook) return;
    const auto fields =
        fmt::format("Turnix-Event: {}\r\nTurnix-Delivery: {}\r\nTurnix-Signature: {}\r\n", what.event_name,
                    what.id.to_string(), signature_of(what.body, hook->secret, now_by_the_clock()));
    if (!under_way_.insert(what.id).second) return;
    try {
        parts_.send({.url = hook->url, .fields = fields, .body = what.body},
                    [this, what](const delivery_outcome& outcome) { settle(what, outcome); });
    } catch (const std::bad_alloc&) {
        under_way_.erase(what.id);  // the next look finds it due
    }
}

/// It counts as under way until the store knows what it came to, so that no look finds it due meanwhile. What
/// the store has no room for is tried again.
void outbox::settle(const model::delivery& sent, const delivery_outcome& outcome) {
    const auto settled = after_try(sent, outcome, now_by_the_clock(), random_share());
    const auto update = [settled](auto& database) -> continuation {
        store::update_delivery(database, settled);
        return [id = settled.id](outbox& self) { self.under_way_.erase(id); };
    };
    insist([&] {
        if (!ask_store(update)) under_way_.erase(settled.id);
    });
}

}  // namespace turnix::webhooks
