// Everything that the configuration file says, as plain values. Filled by config/loader from turnixd.yaml and
// --set; immutable afterwards. The defaults here are the defaults that the schema states. Paths that the file
// gives relative to itself are absolute once loaded.
#pragma once

#include "common/contract/relay_settings.hpp"
#include "common/net/cidr.hpp"
#include "common/net/endpoint.hpp"
#include "common/telemetry/log.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace turnix::config {

/// Who this node is in the fleet.
struct node_settings {
    std::string region{"local"};  ///< a slug of the regions file
    /// The name or address that clients reach this node by; empty: the regions file's node entry.
    std::string public_host;
    std::filesystem::path regions_file{"regions.yaml"};
    std::optional<std::filesystem::path> geoip_file;  ///< MMDB; without one every caller gets this region
    std::optional<net::endpoint> gossip_address;      ///< UDP; without one the node is on its own
    std::uint32_t memory_mib_max{0};                  ///< 0: what the kernel allows
};

struct api_settings {
    net::endpoint address{.address = net::address{net::address::v4_bytes{127, 0, 0, 1}}, .port = 8080};
    std::optional<contract::tls_settings> tls;
    /// Plain HTTP on an address that is not loopback is refused unless this says so.
    bool allow_plain_http{false};
    std::vector<net::cidr> trusted_proxies;  ///< whose X-Forwarded-For is believed
    std::vector<std::string> cors_origins;
    std::uint32_t requests_per_second_per_token{200};
    std::uint32_t requests_burst_per_token{400};
    std::chrono::seconds ttl_default{30};
    std::chrono::seconds ttl_max{172'800};
    std::chrono::seconds session_max{86'400};
    std::uint16_t connections_max{1'024};
    bool webhooks_to_private_addresses{false};
};

/// The database that several nodes share.
struct store_settings {
    std::string upstream;  ///< postgresql://…, without a password; empty: none, or what the file says
    std::optional<std::filesystem::path> upstream_file;

    [[nodiscard]] bool is_shared() const noexcept { return !upstream.empty() || upstream_file.has_value(); }
};

/// Health and metrics.
struct status_settings {
    /// None: not served.
    std::optional<net::endpoint> address{
        net::endpoint{.address = net::address{net::address::v4_bytes{127, 0, 0, 1}}, .port = 9641}};
};

/// What SIGTERM does while sessions live.
struct drain_settings {
    std::chrono::seconds timeout{0};  ///< 0: they end at once
    std::uint32_t min_allocations{0};
};

struct log_settings {
    telemetry::log_level level{telemetry::log_level::info};
    telemetry::log_format format{telemetry::log_format::text};
};

struct settings {
    std::filesystem::path file;                 ///< where this was read from
    std::filesystem::path data_directory{"."};  ///< database, lock, control socket
    std::filesystem::path key_ring_file{"keys.json"};
    std::filesystem::path node_key_file{"node.key"};
    node_settings node;
    contract::relay_settings relay;
    std::string engine{"auto"};             ///< relay.engine
    std::chrono::microseconds coalesce{0};  ///< relay.coalesce_us
    api_settings api;
    store_settings store;
    status_settings status;
    drain_settings drain;
    log_settings log;
};

}  // namespace turnix::config
