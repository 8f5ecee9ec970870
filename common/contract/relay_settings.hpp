// The configuration snapshot that the relay is started with. Immutable once handed over.
#pragma once

#include "common/credential/identifiers.hpp"
#include "common/net/cidr.hpp"
#include "common/net/endpoint.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace turnix::contract {

/// An address that clients connect to. Port 0 takes a free one; an unspecified address listens on all. A
/// TCP and a TLS listener on one address share its port, a UDP and a DTLS listener another: the first byte
/// tells them apart (RFC 7983 §7).
struct listener_settings {
    net::transport transport{net::transport::udp};
    net::endpoint address;

    friend bool operator==(const listener_settings&, const listener_settings&) = default;
};

/// A local address that relay ports are opened on, and what clients are told in its place (NAT).
struct relay_address_settings {
    net::address local;
    std::optional<net::address> external;  ///< of the same family

    [[nodiscard]] const net::address& advertised() const noexcept { return external ? *external : local; }
};

struct port_range {
    std::uint16_t first{49152};
    std::uint16_t last{65535};
};

struct tls_settings {
    std::filesystem::path certificate;  ///< PEM, leaf first
    std::filesystem::path private_key;  ///< PEM
};

/// Beyond the built-in rules of the peer policy (docs/security.md).
struct peer_settings {
    std::vector<net::cidr> deny{};
    /// Wins over `deny` and over the built-in rules for private ranges; never over loopback, unspecified,
    /// multicast and link-local.
    std::vector<net::cidr> allow{};
    /// For tests only: wins over everything. The daemon warns at start when it is not empty.
    std::vector<net::cidr> unsafe_allow{};
    /// A NAT64 prefix (/96) of the network: addresses in it are decoded and checked as IPv4.
    std::optional<net::cidr> nat64_prefix{};
};

/// How many of something a source or a holder may have; docs/configuration.md gives the reasons.
struct limit_settings {
    std::uint32_t sessions_max{10'000};
    std::uint16_t allocations_per_credential_max{32};
    std::uint16_t permissions_per_allocation_max{128};
    std::uint16_t channels_per_allocation_max{128};
    std::uint16_t new_peers_per_minute_max{120};
    std::uint16_t tcp_connections_per_allocation_max{16};
    std::uint16_t unauthenticated_per_second{100};  ///< answers to one /32 or /64
    std::uint16_t unauthenticated_burst{400};
    std::uint16_t unauthenticated_net_per_second{1'000};  ///< answers to one /24 or /48
    std::uint16_t failed_integrity_per_minute{60};
    std::uint16_t idle_connections_per_source_max{64};
    std::uint32_t stream_queue_bytes_max{262'144};
    std::chrono::milliseconds stream_queue_age_max{500};
};

/// Credentials other than this project's own, for those who move over from another server; none by default.
struct interop_settings {
    /// Of applications that make `expiry:user` credentials by themselves; mode 0600, one secret a line.
    std::optional<std::filesystem::path> shared_secrets_file{};
    /// Mode 0600, one NAME:PASSWORD a line.
    std::optional<std::filesystem::path> users_file{};
    /// What sessions under these credentials count for; none: the node's default project.
    std::optional<project_id> project{};
};

/// NAT behaviour discovery (RFC 5780): two addresses of one family and two ports, each address with both.
struct nat_discovery_settings {
    net::endpoint primary;
    net::endpoint alternate;  ///< differs in address and in port
};

/// TCP connections between clients and peers (RFC 6062).
struct tcp_relay_settings {
    bool enabled{false};
};

/// Sessions that survive a change of their client's address (RFC 8016).
struct mobility_settings {
    bool enabled{false};
};

struct relay_settings {
    std::string realm{"turnix"};
    std::vector<listener_settings> listeners;
    std::vector<relay_address_settings> addresses;
    port_range ports;
    std::optional<tls_settings> tls;  ///< required by TLS and DTLS listeners
    bool dtls_enabled{false};         ///< required by DTLS listeners
    /// Whose connections begin with a PROXY header (version 2), which says who the client is.
    std::vector<net::cidr> trusted_proxies{};
    std::uint16_t workers{0};  ///< 0: one for each core
    std::chrono::seconds lifetime_default{600};
    std::chrono::seconds lifetime_max{3600};
    std::chrono::seconds nonce_lifetime{3600};
    /// Relay in the listener's address family when a client asks for none (RFC 8656 §7.2 says IPv4).
    bool follow_listener_family{false};
    std::optional<nat_discovery_settings> nat_discovery;
    tcp_relay_settings tcp_relay;
    mobility_settings mobility;
    peer_settings peers;
    limit_settings limits;
    interop_settings interop;
};

}  // namespace turnix::contract
