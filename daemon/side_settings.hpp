// What each side of a node is given of the configuration, and the files that it names, read.
#pragma once

#include "api/fleet/geoip.hpp"
#include "api/fleet/region_catalogue.hpp"
#include "api/http/server.hpp"
#include "api/resources/control_api.hpp"
#include "api/store/store.hpp"
#include "api/webhooks/target.hpp"
#include "common/config/settings.hpp"
#include "common/credential/key_ring.hpp"
#include "daemon/capacity.hpp"
#include "relay/relay.hpp"

#include <memory>
#include <optional>

namespace turnix::daemon {

/// Throws std::runtime_error with file, fault and remedy.
std::shared_ptr<const credential::key_ring> load_keys(const config::settings& settings);
/// Throws std::runtime_error with file, line, fault and remedy.
fleet::region_catalogue load_regions(const config::node_settings& settings);
/// Nothing when none is configured. Throws std::runtime_error with file and fault.
std::optional<fleet::geoip> open_geoip(const config::node_settings& settings);

/// What they refer to outlives the relay. The interop project is that of the operated organisation unless the
/// configuration names one.
relay::relay_options relay_options_of(const config::settings& settings, const capacity& room,
                                      std::shared_ptr<const credential::key_ring> keys,
                                      const auth::tenant_directory& tenants,
                                      const turn::alternate_servers& alternates);
/// Throws std::runtime_error with the remedy for a node that has no organisation and will hear of none.
void check_tenants(const config::settings& settings, const auth::tenant_directory& tenants);

/// The API's part in relay.interop: the first of its secrets. Nothing when there is none. Throws
/// std::runtime_error with file and fault.
std::optional<api::timed_issuer> timed_issuer_of(const config::settings& settings,
                                                 const auth::tenant_directory& tenants);

webhooks::target_policy targets_of(const config::api_settings& settings);
api::api_rules api_rules_of(const config::api_settings& settings);
/// Within which everything has ended that is issued under these rules and those of the projects.
std::chrono::seconds lifetime_max_of(const config::api_settings& settings,
                                     const auth::tenant_directory& tenants);
/// `connections` at most at once.
http::server_settings server_settings_of(const config::api_settings& settings, std::uint32_t connections);
/// Nothing where the API speaks plain HTTP.
std::optional<http::server_certificate> certificate_of(const config::api_settings& settings);

}  // namespace turnix::daemon
