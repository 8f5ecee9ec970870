#include "daemon/side_settings.hpp"

#include "common/credential/timed_username.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

namespace turnix::daemon {

namespace {

contract::interop_settings interop_of(const config::settings& settings,
                                      const auth::tenant_directory& tenants) {
    auto interop = settings.relay.interop;
    const auto operated = tenants.operated();
    if (!interop.project && operated) interop.project = operated->default_project;
    return interop;
}

contract::relay_settings relay_settings_of(const config::settings& settings, const capacity& room,
                                           const auth::tenant_directory& tenants) {
    auto relay = settings.relay;
    relay.limits.sessions_max = room.sessions;
    relay.interop = interop_of(settings, tenants);
    return relay;
}

}  // namespace

std::shared_ptr<const credential::key_ring> load_keys(const config::settings& settings) {
    return std::make_shared<const credential::key_ring>(credential::key_ring::load(settings.key_ring_file));
}

fleet::region_catalogue load_regions(const config::node_settings& settings) {
    auto catalogue = fleet::region_catalogue::load(settings.regions_file);
    if (!catalogue) throw std::runtime_error{catalogue.error().front().to_string()};
    return *std::move(catalogue);
}

std::optional<fleet::geoip> open_geoip(const config::node_settings& settings) {
    if (!settings.geoip_file) return std::nullopt;
    return fleet::geoip::open(*settings.geoip_file);
}

relay::relay_options relay_options_of(const config::settings& settings, const capacity& room,
                                      std::shared_ptr<const credential::key_ring> keys,
                                      const auth::tenant_directory& tenants,
                                      const turn::alternate_servers& alternates) {
    std::vector<net::address> own_addresses{settings.api.address.address};
    for (const auto& place : {settings.node.gossip_address, settings.status.address}) {
        if (place) own_addresses.push_back(place->address);
    }
    return {.settings = relay_settings_of(settings, room, tenants),
            .keys = std::move(keys),
            .engine = settings.engine,
            .coalesce = settings.coalesce,
            .own_addresses = std::move(own_addresses),
            .alternates = &alternates};
}

std::optional<api::timed_issuer> timed_issuer_of(const config::settings& settings,
                                                 const auth::tenant_directory& tenants) {
    const auto interop = interop_of(settings, tenants);
    if (!interop.shared_secrets_file || !interop.project) return std::nullopt;
    const auto secrets = credential::load_shared_secrets(*interop.shared_secrets_file);
    if (secrets.empty()) return std::nullopt;
    return api::timed_issuer{.secret = secrets.front(), .project = *interop.project};
}

void check_tenants(const config::settings& settings, const auth::tenant_directory& tenants) {
    if (tenants.operated() || settings.node.gossip_address || settings.store.is_shared()) return;
    throw std::runtime_error{"the database holds no organisation; make one with turnixd init"};
}

webhooks::target_policy targets_of(const config::api_settings& settings) {
    return webhooks::target_policy{settings.webhooks_to_private_addresses};
}

api::api_rules api_rules_of(const config::api_settings& settings) {
    return {.credentials = {.ttl_default = settings.ttl_default,
                            .ttl_max = settings.ttl_max,
                            .session_max = settings.session_max},
            .requests_per_token = {.per_second = settings.requests_per_second_per_token,
                                   .burst = settings.requests_burst_per_token},
            .webhook_targets = targets_of(settings)};
}

std::chrono::seconds lifetime_max_of(const config::api_settings& settings,
                                     const auth::tenant_directory& tenants) {
    auto longest = settings.ttl_max + settings.session_max;
    const auto rules = api_rules_of(settings).credentials;
    for (const auto& each : tenants.projects()) longest = std::max(longest, rules.lifetime_max_of(*each));
    return longest;
}

http::server_settings server_settings_of(const config::api_settings& settings, std::uint32_t connections) {
    http::server_settings server{
        .limits = {}, .trusted_proxies = settings.trusted_proxies, .cors_origins = settings.cors_origins};
    server.limits.connections_max = connections;
    return server;
}

std::optional<http::server_certificate> certificate_of(const config::api_settings& settings) {
    if (!settings.tls) return std::nullopt;
    return http::server_certificate{settings.tls->certificate, settings.tls->private_key};
}

}  // namespace turnix::daemon
