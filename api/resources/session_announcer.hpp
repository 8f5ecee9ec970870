// Says on the event bus when sessions begin and end, and when a quota holds them back.
//
// Control thread; sessions that live when the process dies are not told to have ended.
#pragma once

#include "api/events/event_bus.hpp"
#include "common/contract/session_event.hpp"
#include "common/credential/credential_reference.hpp"
#include "common/credential/key_ring.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <deque>
#include <memory>
#include <unordered_map>
#include <utility>

namespace turnix::api {

class session_announcer {
  public:
    using key_ring_pointer = std::shared_ptr<const credential::key_ring>;

    /// The bus outlives the announcer; the keys are for what the API calls credential_id.
    session_announcer(events::event_bus& bus, key_ring_pointer keys) : bus_{bus}, keys_{std::move(keys)} {}

    void announce(const contract::session_event& what);

  private:
    void on(const contract::session_started& started);
    void on(const contract::session_progress& progress);
    void on(const contract::session_moved& moved);
    void on(const contract::session_ended& ended);
    void on(const contract::quota_exceeded& reached);

    [[nodiscard]] boost::json::object described(const contract::session_started& session) const;
    [[nodiscard]] boost::json::value reference_to(const credential::credential_reference& what) const;

    struct live_session {
        contract::session_started as_started;
        bool has_moved{false};
    };

    events::event_bus& bus_;
    key_ring_pointer keys_;
    std::unordered_map<session_id, live_session> live_;
    /// Of sessions that moved, whose start may be reported last of all.
    std::deque<session_id> lately_ended_;
};

}  // namespace turnix::api
