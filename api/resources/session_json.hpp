// Sessions as the API shows them, whether they live or are history.
#pragma once

#include "api/model/tenants.hpp"
#include "api/store/session_history.hpp"
#include "common/contract/live_session.hpp"
#include "common/contract/session_event.hpp"
#include "common/credential/key_ring.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <vector>

namespace turnix::api {

boost::json::object to_json(const contract::traffic_counters& traffic);

/// The form that both have; of a session that begins, without its addresses.
[[nodiscard]] store::session_row row_of(const contract::session_started& session);
/// Of a live session, as it is now.
[[nodiscard]] store::session_row row_of(const contract::live_session& live);

/// The clients whose session it may be: the one that its credential was made for, or both ends.
[[nodiscard]] std::vector<std::string> clients_of(const credential::claims& claims);

/// The node whose sessions they are.
struct session_place {
    std::string region;  ///< slug
    std::string node;    ///< the host by which clients reach it
};

/// How sessions of one project on this node are shown.
class session_writer {
  public:
    /// The project and the place outlive it.
    session_writer(const model::project& of, const credential::key_ring& keys, const session_place& here)
        : project_{of}, keys_{keys}, here_{here} {}

    [[nodiscard]] boost::json::object ended(const store::session_row& row) const;
    [[nodiscard]] boost::json::object live(const contract::live_session& live) const;

  private:
    [[nodiscard]] boost::json::object common(const store::session_row& row) const;

    const model::project& project_;
    const credential::key_ring& keys_;
    const session_place& here_;
};

}  // namespace turnix::api
