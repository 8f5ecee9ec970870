// Who is told what happens on this node: the event bus, and the webhooks behind it.
//
// Control thread, but for what its parts say otherwise.
#pragma once

#include "api/auth/tenant_directory.hpp"
#include "api/events/event_bus.hpp"
#include "api/fleet/region_watch.hpp"
#include "api/resources/session_announcer.hpp"
#include "api/store/store.hpp"
#include "api/webhooks/delivery_client.hpp"
#include "api/webhooks/outbox.hpp"
#include "api/webhooks/webhook_directory.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>

namespace turnix::daemon {

class notices {
  public:
    struct parts {
        store::store& records;
        const auth::tenant_directory& tenants;
        credential::current_keys keys;
        webhooks::target_policy targets;
    };
    /// See webhooks::outbox for what outlives what. Throws store_error.
    notices(const boost::asio::any_io_executor& executor, const parts& from);

    [[nodiscard]] events::event_bus& bus() noexcept { return bus_; }
    [[nodiscard]] webhooks::webhook_directory& hooks() noexcept { return hooks_; }
    void announce(const contract::session_event& what) { announcer_.announce(what); }
    void announce(const fleet::region_change& what);
    /// Before the recorder starts, which ends them: what a process that died left behind. Throws store_error.
    void announce_interrupted(store::store& records);
    /// Begins to send.
    void start() { outbox_.start(); }

  private:
    events::event_bus bus_;
    api::session_announcer announcer_;
    webhooks::webhook_directory hooks_;
    webhooks::delivery_client client_;
    webhooks::outbox outbox_;
};

}  // namespace turnix::daemon
