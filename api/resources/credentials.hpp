// /api/v1/credentials: what was issued; extended, capped and revoked.
//
// A credential's id carries its project under a MAC: PATCH and DELETE need no row, and work while the
// database does not. What they decide is in effect on this node when they answer, and the answer says in
// which regions it is. Rows are where it was issued: the other nodes are asked for theirs.
#pragma once

#include "api/events/event_bus.hpp"
#include "api/fleet/fact_exchange.hpp"
#include "api/resources/credential_rules.hpp"
#include "api/resources/endpoint.hpp"
#include "api/resources/page.hpp"
#include "api/sessions/override_book.hpp"
#include "api/store/store.hpp"
#include "common/credential/credential_reference.hpp"
#include "common/credential/current_keys.hpp"

#include <boost/json/object.hpp>

#include <memory>
#include <vector>

namespace turnix::api {

class credentials {
  public:
    struct parts {
        store::store& records;
        turnix::sessions::override_book& overrides;
        credential::current_keys keys;
        events::event_bus& bus;
        const fleet::fact_exchange& exchange;
    };
    /// `rules` outlives this.
    credentials(parts from, const current_rules& rules) : parts_{std::move(from)}, rules_{rules} {}

    /// The object outlives them.
    [[nodiscard]] std::vector<endpoint> endpoints();

  private:
    [[nodiscard]] outcome list(const call& asked);
    [[nodiscard]] outcome read(const call& asked);
    [[nodiscard]] outcome change(const call& asked);
    [[nodiscard]] outcome revoke(const call& asked);
    [[nodiscard]] outcome revoke_all_of(const call& asked);

    /// The path's credential, of the caller's project.
    [[nodiscard]] result<credential::credential_reference, http::error> named(const call& asked) const;
    [[nodiscard]] contract::credential_override override_of(const call& asked,
                                                            const contract::override_target& target) const;
    [[nodiscard]] outcome revoke(const call& asked, const contract::override_target& target,
                                 contract::live_sessions_rule live);
    /// Tells the fleet; the answer waits for it, and says how far it came.
    [[nodiscard]] http::response told(const std::vector<contract::credential_override>& made,
                                      boost::json::object answer) const;
    [[nodiscard]] boost::json::object to_json(const credential::claims& of, wall_time now) const;
    /// The place of a credential as to_json writes it. Throws when it is none.
    [[nodiscard]] place place_of(const boost::json::object& item) const;

    parts parts_;
    const current_rules& rules_;
};

}  // namespace turnix::api
