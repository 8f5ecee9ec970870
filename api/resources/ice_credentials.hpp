// POST /api/v1/credentials/ice: a credential, or one for each end of a call, and the servers to use it with.
// GET /api/v1/turn: the same for applications that were made for another TURN server.
//
// Needs no disk: the token is in memory, the credential is sealed, the record of its issue is queued. Thread
// of the server's io_context.
#pragma once

#include "api/fleet/region_directory.hpp"
#include "api/fleet/region_selector.hpp"
#include "api/resources/credential_rules.hpp"
#include "api/resources/endpoint.hpp"
#include "api/resources/figures_book.hpp"
#include "api/resources/ice_request.hpp"
#include "api/resources/room_pins.hpp"
#include "api/sessions/override_book.hpp"
#include "api/store/store.hpp"
#include "common/credential/sealed_credential.hpp"
#include "common/telemetry/rate_limited_log.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace turnix::api {

/// Under which secret of relay.interop credentials are made by name and time (credential::timed_username),
/// and for which project alone.
struct timed_issuer {
    std::string secret;
    project_id project;
};

class ice_credentials {
  public:
    struct parts {
        store::store& records;
        const fleet::region_directory& regions;
        const fleet::region_selector& selector;
        const turnix::sessions::override_book& overrides;
        figures_book& figures;
        std::optional<timed_issuer> timed{};
    };

    /// `rules` outlives this.
    ice_credentials(const parts& from, credential::credential_sealer sealer, fleet::node_entry own_node,
                    const current_rules& rules);

    /// Seals what is issued from here on. Control thread.
    void use(credential::credential_sealer sealer) { sealer_ = std::move(sealer); }

    /// The object outlives them.
    [[nodiscard]] std::vector<endpoint> endpoints();
    /// The same, for GET /api/v1/turn.
    [[nodiscard]] endpoint timed_endpoint();

  private:
    /// Serves, and counts what came of it.
    [[nodiscard]] outcome counted(const call& asked, outcome (ice_credentials::*serve)(const call&));
    [[nodiscard]] outcome issue_sealed(const call& asked);
    [[nodiscard]] outcome issue_timed(const call& asked);
    [[nodiscard]] result<const fleet::region_entry*, http::error> choose_region(
        const ice_request& wish, const http::request& asked) const;
    /// Where the room's credentials lead that live already; null when there are none, or its region works no
    /// more.
    [[nodiscard]] const room_pins::pin* pin_of(const project_id& project, const std::string& room,
                                               wall_time now) const;
    /// A node of an operational region.
    [[nodiscard]] fleet::node_entry node_of(const fleet::region_entry& region);
    /// Sealed and recorded. Errors: unavailable.
    [[nodiscard]] result<credential::issued_credential, http::error> issue(credential::claims claims,
                                                                           wall_time now);

    parts parts_;
    credential::credential_sealer sealer_;
    fleet::node_entry own_node_;
    std::string own_servers_;  ///< servers_text of it
    const current_rules& rules_;
    std::uint64_t next_node_{0};  ///< of a region with several nodes
    room_pins pins_;
    telemetry::rate_limited_log failures_{"api.credentials"};
};

}  // namespace turnix::api
