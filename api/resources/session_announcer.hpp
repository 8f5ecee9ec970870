// Says on the event bus when sessions begin and end, and when a quota holds them back.
//
// Control thread. The end of sessions that lived when a process died is told at the next start.
#pragma once

#include "api/events/event_bus.hpp"
#include "api/store/session_history.hpp"
#include "common/contract/session_event.hpp"
#include "common/credential/credential_reference.hpp"
#include "common/credential/current_keys.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <deque>
#include <memory>
#include <unordered_map>
#include <utility>

namespace turnix::api {

class session_announcer {
  public:
    /// The bus outlives the announcer; the keys are for what the API calls credential_id.
    session_announcer(events::event_bus& bus, credential::current_keys keys)
        : bus_{bus}, keys_{std::move(keys)} {}

    void announce(const contract::session_event& what);
    /// Before the node serves: a session that the process before it left behind.
    void announce(const store::interrupted_session& what);

  private:
    void on(const contract::session_started& started);
    void on(const contract::session_progress& progress);
    void on(const contract::session_moved& moved);
    void on(const contract::session_ended& ended);
    void on(const contract::quota_exceeded& reached);

    void publish_end(const project_id& project, const store::session_row& session);
    [[nodiscard]] boost::json::object described(const project_id& project,
                                                const store::session_row& session) const;
    [[nodiscard]] boost::json::value reference_to(const credential::credential_reference& what) const;

    struct live_session {
        contract::session_started as_started;
        bool has_moved{false};
    };

    events::event_bus& bus_;
    credential::current_keys keys_;
    std::unordered_map<session_id, live_session> live_;
    /// Of sessions that moved, whose start may be reported last of all.
    std::deque<session_id> lately_ended_;
};

}  // namespace turnix::api
