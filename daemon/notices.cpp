#include "daemon/notices.hpp"

#include "api/resources/event_json.hpp"
#include "api/resources/region_event.hpp"
#include "api/store/session_history.hpp"

#include <utility>
#include <vector>

namespace turnix::daemon {

notices::notices(const boost::asio::any_io_executor& executor, const parts& from)
    : announcer_{bus_, from.keys},
      hooks_{from.records},
      client_{executor, from.targets},
      outbox_{executor,
              {.records = from.records,
               .hooks = hooks_,
               .write = [&tenants = from.tenants](
                            const events::event& what) { return api::event_json(what, tenants); },
               .send =
                   [this](const webhooks::outgoing& what, webhooks::delivery_client::completion done) {
                       client_.send(what, std::move(done));
                   }}} {
    bus_.subscribe([this](const events::event& what) { outbox_.on_event(what); },
                   [this](events::event_kind kind, const project_id& of) { return outbox_.wants(kind, of); });
}

void notices::announce(const fleet::region_change& what) {
    bus_.publish(api::region_event(what, instant::now().wall));
}

void notices::announce_interrupted(store::store& records) {
    std::vector<store::interrupted_session> left_behind;
    records.run([&left_behind](auto& database) { left_behind = store::read_interrupted_sessions(database); });
    for (const auto& each : left_behind) announcer_.announce(each);
}

}  // namespace turnix::daemon
