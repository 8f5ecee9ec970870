// From an event to the webhooks that want it, through the store: what is queued survives the process.
//
//   event ─▶ a delivery for each webhook, in the store ─▶ (due) ─▶ sent ─▶ what it came to, in the store
//
// A delivery that was sent when the process died is sent again: receivers tell doubles by Turnix-Delivery.
// on_event may come from any thread; everything else is on the executor's.
#pragma once

#include "api/events/event.hpp"
#include "api/store/store.hpp"
#include "api/webhooks/delivery_client.hpp"
#include "api/webhooks/webhook_directory.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <string>
#include <unordered_set>

namespace turnix::webhooks {

class outbox {
  public:
    static constexpr std::chrono::milliseconds look_interval{500};
    /// Of one webhook, so that one that does not answer keeps nobody else waiting.
    static constexpr std::size_t under_way_max = 4;
    static constexpr std::chrono::days settled_kept{7};

    struct parts {
        store::store& records;
        const webhook_directory& hooks;
        /// How the API writes an event.
        std::function<std::string(const events::event&)> write;
        /// delivery_client::send, or a test's.
        std::function<void(const outgoing&, delivery_client::completion)> send;
    };

    /// What `from` refers to outlives it; it outlives the last run of its executor, and its executor it.
    outbox(const boost::asio::any_io_executor& executor, parts from);
    ~outbox();
    outbox(const outbox&) = delete;
    outbox& operator=(const outbox&) = delete;

    void on_event(const events::event& what);
    /// Is there a webhook for it?
    [[nodiscard]] bool wants(events::event_kind kind, const project_id& of) const {
        return !parts_.hooks.wanting(kind, of).empty();
    }
    /// Begins to look for what is due.
    void start();
    /// Sends what is due now; `start` does it again and again.
    void look(wall_time now);

  private:
    struct way_back;
    using continuation = std::function<void(outbox&)>;

    void wait();
    bool ask_store(std::function<continuation(store::sqlite_database&)> what);
    void send(const model::delivery& what);
    void settle(const model::delivery& sent, const delivery_outcome& outcome);

    boost::asio::any_io_executor executor_;
    parts parts_;
    boost::asio::steady_timer timer_;
    std::shared_ptr<way_back> back_;
    bool looking_{false};
    std::unordered_set<delivery_id> under_way_;
};

}  // namespace turnix::webhooks
