#include "common/config/schema.hpp"

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <utility>

namespace turnix::config {
namespace {

using contract::interop_settings;
using contract::limit_settings;
using contract::mobility_settings;
using contract::nat_discovery_settings;
using contract::peer_settings;
using contract::port_range;
using contract::relay_settings;
using contract::tcp_relay_settings;
using contract::tls_settings;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto restart = takes_effect::at_restart;
constexpr auto reload = takes_effect::at_reload;

struct description {
    std::string_view path;
    std::string_view documentation;
    takes_effect change;
};

/// A key whose value is the member that is reached by one pointer to member after the other.
template <class Codec, class... Members>
schema_key key(const description& about, const Codec& codec, Members... members) {
    return {.path = about.path,
            .documentation = about.documentation,
            .change = about.change,
            .type = codec.describe(),
            .store = [=](const document_node& node, settings& into) -> std::optional<value_error> {
                auto value = codec.read(node);
                if (!value) return value.error();
                (into.*....*members) = std::move(*value);
                return std::nullopt;
            },
            .show = [=](const settings& from) { return codec.show((from.*....*members)); }};
}

bool is_empty(const tls_settings& pair) { return pair.certificate.empty() && pair.private_key.empty(); }
bool is_empty(const nat_discovery_settings& pair) {
    return pair.primary == net::endpoint{} && pair.alternate == net::endpoint{};
}

/// One half of an optional pair: to name it makes the pair, and null leaves it out, as an override may.
template <class Codec, class Section, class Pair, class Half>
schema_key half_key(const description& about, const Codec& half_codec, Section settings::* section,
                    std::optional<Pair> Section::* pair, Half Pair::* half) {
    const optional_of<Codec> codec{half_codec};
    return {.path = about.path,
            .documentation = about.documentation,
            .change = about.change,
            .type = codec.describe(),
            .store = [=](const document_node& node, settings& into) -> std::optional<value_error> {
                auto value = codec.read(node);
                if (!value) return value.error();
                auto& whole = into.*section.*pair;
                if (!whole) whole.emplace();
                (*whole).*half = value->value_or(typename Codec::value_type{});
                if (is_empty(*whole)) whole.reset();
                return std::nullopt;
            },
            .show =
                [=](const settings& from) {
                    const auto& whole = from.*section.*pair;
                    return whole ? half_codec.show((*whole).*half) : std::string{"null"};
                }};
}

/// A file of the pair of certificate and private key.
template <class Section>
schema_key tls_key(const description& about, Section settings::* section,
                   std::optional<tls_settings> Section::* tls, std::filesystem::path tls_settings::* file) {
    return half_key(about, file_path{}, section, tls, file);
}

constexpr whole_number<std::uint16_t> number16(
    std::uint16_t least, std::uint16_t most = std::numeric_limits<std::uint16_t>::max()) {
    return {least, most};
}
constexpr whole_number<std::uint32_t> number32(std::uint32_t least, std::uint32_t most) {
    return {least, most};
}
constexpr whole_number<seconds> seconds_between(seconds least, seconds most) {
    return {static_cast<std::uint64_t>(least.count()), static_cast<std::uint64_t>(most.count())};
}

std::vector<schema_key> data_and_node_keys() {
    return {
        key({"data.directory", "Where the database, the lock and the control socket are.", restart},
            file_path{}, &settings::data_directory),
        key({"data.key_ring_file",
             "The keys that credentials are sealed with (mode 0600); the nodes of a fleet share one ring.",
             restart},
            file_path{}, &settings::key_ring_file),
        key({"data.node_key_file",
             "The key that this node signs its gossip with (mode 0600); each node has its own.", restart},
            file_path{}, &settings::node_key_file),
        key({"node.region", "The slug of this node's region in the regions file.", restart}, text{1, 32},
            &settings::node, &node_settings::region),
        key({"node.public_host",
             "The name or address that clients reach this node by; empty takes the regions file's entry.",
             restart},
            text{0, 253}, &settings::node, &node_settings::public_host),
        key({"node.regions_file", "The regions that exist, with the hosts and ports of their nodes.", reload},
            file_path{}, &settings::node, &node_settings::regions_file),
        key({"node.geoip_file",
             "A GeoIP database (MMDB) to find the nearest region with; without one it is this node's.",
             reload},
            optional_of<file_path>{}, &settings::node, &node_settings::geoip_file),
        key({"node.gossip_address",
             "Where this node gossips with the others of the regions file, over UDP, and is asked by them, "
             "over "
             "TCP; null leaves it alone.",
             restart},
            optional_of{endpoint_text}, &settings::node, &node_settings::gossip_address),
        key({"node.memory_mib_max",
             "How much memory this process may use, in MiB, before it takes no newcomers; 0 is what its "
             "control group or its limits allow, or else what the machine has. For how many sessions there "
             "is room follows, at a reload up to what it was at the start.",
             reload},
            number32(0, 16'777'216), &settings::node, &node_settings::memory_mib_max),
    };
}

std::vector<schema_key> relay_keys() {
    const auto relay = &settings::relay;
    return {
        key({"relay.realm", "The realm of the credentials; every node of a fleet has the same.", restart},
            text{1, 63}, relay, &relay_settings::realm),
        key({"relay.listeners",
             "Where clients connect to, at least one place; port 0 takes a free one. tcp and tls may share "
             "an address, and so may udp and dtls: the first byte tells them apart.",
             restart},
            list_of<listener>{}, relay, &relay_settings::listeners),
        key({"relay.addresses",
             "The local addresses to relay from, each with what clients are told in its place (NAT); auto "
             "takes the listeners' addresses.",
             restart},
            list_of<relay_address>{{}, "auto"}, relay, &relay_settings::addresses),
        key({"relay.ports.first", "The lowest port to relay from.", restart}, number16(1'024), relay,
            &relay_settings::ports, &port_range::first),
        key({"relay.ports.last", "The highest port to relay from.", restart}, number16(1'024), relay,
            &relay_settings::ports, &port_range::last),
        tls_key({"relay.tls.certificate",
                 "The certificate chain of TLS and DTLS listeners (PEM, leaf first).", reload},
                relay, &relay_settings::tls, &tls_settings::certificate),
        tls_key({"relay.tls.private_key", "The private key of that certificate (PEM).", reload}, relay,
                &relay_settings::tls, &tls_settings::private_key),
        key({"relay.dtls.enabled", "Allow listeners of transport dtls (TURN over DTLS 1.2).", restart},
            flag{}, relay, &relay_settings::dtls_enabled),
        key({"relay.proxy_protocol.trusted",
             "The proxies whose TCP and TLS connections begin with a PROXY protocol header (version 2), "
             "which says who the client is.",
             restart},
            list_of{cidr_text}, relay, &relay_settings::trusted_proxies),
        key({"relay.workers", "How many threads relay; 0 is one for each core.", restart}, number16(0, 256),
            relay, &relay_settings::workers),
        key({"relay.engine", "How datagrams are received and sent.", restart},
            choice<std::string>{
                {{"auto", "auto"}, {"shared", "shared"}, {"uring", "uring"}, {"epoll", "epoll"}}},
            &settings::engine),
        key({"relay.coalesce_us",
             "How long a busy worker lets datagrams gather, in microseconds, so that it is woken less often.",
             restart},
            whole_number<std::chrono::microseconds>{0, 200}, &settings::coalesce),
        key({"relay.lifetime.default_s", "The lifetime of an allocation whose client asks for none.", reload},
            seconds_between(seconds{60}, seconds{86'400}), relay, &relay_settings::lifetime_default),
        key({"relay.lifetime.max_s", "The longest lifetime that one request is granted.", reload},
            seconds_between(seconds{60}, seconds{86'400}), relay, &relay_settings::lifetime_max),
        key({"relay.nonce_lifetime_s", "After this long, a client has to take up a new nonce.", restart},
            seconds_between(seconds{60}, seconds{86'400}), relay, &relay_settings::nonce_lifetime),
        key({"relay.follow_listener_family",
             "Relay in the listener's address family when a client asks for none, instead of IPv4.", reload},
            flag{}, relay, &relay_settings::follow_listener_family),
        key({"relay.tcp_relay.enabled",
             "Relay TCP connections between TCP or TLS clients and their peers (RFC 6062) to those who ask.",
             restart},
            flag{}, relay, &relay_settings::tcp_relay, &tcp_relay_settings::enabled),
        key({"relay.mobility.enabled",
             "Let clients that ask for it keep their allocation when their address changes (RFC 8016).",
             restart},
            flag{}, relay, &relay_settings::mobility, &mobility_settings::enabled),
    };
}

std::vector<schema_key> nat_discovery_keys() {
    const auto relay = &settings::relay;
    const auto discovery = &relay_settings::nat_discovery;
    return {
        half_key({"relay.nat_discovery.primary",
                  "Serve NAT behaviour discovery (RFC 5780): an address and a port of this machine. Each of "
                  "the two addresses is listened on with each of the two ports, over UDP.",
                  restart},
                 endpoint_text, relay, discovery, &nat_discovery_settings::primary),
        half_key({"relay.nat_discovery.alternate", "Another address of the same family, with another port.",
                  restart},
                 endpoint_text, relay, discovery, &nat_discovery_settings::alternate),
    };
}

std::vector<schema_key> peer_keys() {
    const auto relay = &settings::relay;
    const auto peers = &relay_settings::peers;
    return {
        key({"relay.peers.deny", "Ranges that are not relayed to, beside the built-in ones.", reload},
            list_of{cidr_text}, relay, peers, &peer_settings::deny),
        key({"relay.peers.allow",
             "Ranges that are relayed to although they are private or denied; never loopback, unspecified, "
             "multicast and link-local ones.",
             reload},
            list_of{cidr_text}, relay, peers, &peer_settings::allow),
        key({"relay.peers.unsafe_allow",
             "FOR TESTS ONLY: ranges that are relayed to whatever every other rule says.", reload},
            list_of{cidr_text}, relay, peers, &peer_settings::unsafe_allow),
        key({"relay.peers.nat64_prefix",
             "The network's NAT64 prefix (a /96): addresses in it are checked as the IPv4 they mean.",
             reload},
            optional_of{cidr_text}, relay, peers, &peer_settings::nat64_prefix),
    };
}

std::vector<schema_key> limit_keys() {
    const auto relay = &settings::relay;
    const auto limits = &relay_settings::limits;
    const auto number = [=](const description& about, std::uint16_t least,
                            std::uint16_t limit_settings::* which) {
        return key(about, number16(least), relay, limits, which);
    };
    return {
        key({"relay.limits.sessions_max", "Live allocations of this node; beyond, Allocate is answered 508.",
             restart},
            number32(1, 10'000'000), relay, limits, &limit_settings::sessions_max),
        number({"relay.limits.allocations_per_credential_max",
                "Live allocations of one credential; a browser opens one for each URL, interface and family.",
                reload},
               1, &limit_settings::allocations_per_credential_max),
        number({"relay.limits.permissions_per_allocation_max", "Peer addresses that one allocation permits.",
                reload},
               1, &limit_settings::permissions_per_allocation_max),
        number({"relay.limits.channels_per_allocation_max", "Channels that one allocation binds.", reload}, 1,
               &limit_settings::channels_per_allocation_max),
        number({"relay.limits.new_peers_per_minute_max",
                "New peers of one allocation in a minute; more look like a scan.", reload},
               1, &limit_settings::new_peers_per_minute_max),
        number({"relay.limits.tcp_connections_per_allocation_max",
                "TCP connections of one allocation with its peers, those not bound yet included.", reload},
               1, &limit_settings::tcp_connections_per_allocation_max),
        number({"relay.limits.unauthenticated_per_second",
                "Answers a second to unauthenticated datagrams of one source (IPv4 /32, IPv6 /64).", reload},
               1, &limit_settings::unauthenticated_per_second),
        number({"relay.limits.unauthenticated_burst",
                "How many such answers one source may have at once after a pause.", reload},
               1, &limit_settings::unauthenticated_burst),
        number({"relay.limits.unauthenticated_net_per_second",
                "Answers a second to unauthenticated datagrams of one network (IPv4 /24, IPv6 /48).", reload},
               1, &limit_settings::unauthenticated_net_per_second),
        number(
            {"relay.limits.failed_integrity_per_minute",
             "Wrong passwords of one source in a minute before further ones are met with silence.", reload},
            1, &limit_settings::failed_integrity_per_minute),
        number({"relay.limits.idle_connections_per_source_max",
                "TCP and TLS connections of one source that have no allocation.", reload},
               1, &limit_settings::idle_connections_per_source_max),
        key({"relay.limits.stream_queue_bytes_max",
             "What waits for a slow TCP or TLS client before datagrams are dropped.", reload},
            number32(4'096, 16'777'216), relay, limits, &limit_settings::stream_queue_bytes_max),
        key({"relay.limits.stream_queue_age_max_ms",
             "How long a datagram waits for a slow TCP or TLS client before it is dropped.", reload},
            whole_number<milliseconds>{10, 30'000}, relay, limits, &limit_settings::stream_queue_age_max),
    };
}

std::vector<schema_key> interop_keys() {
    const auto relay = &settings::relay;
    const auto interop = &relay_settings::interop;
    return {
        key({"relay.interop.shared_secrets_file",
             "The secrets of applications that make expiry:user credentials by themselves (HMAC-SHA-1), one "
             "a line, mode 0600.",
             restart},
            optional_of<file_path>{}, relay, interop, &interop_settings::shared_secrets_file),
        key({"relay.interop.users_file", "Static users, one NAME:PASSWORD a line, mode 0600.", restart},
            optional_of<file_path>{}, relay, interop, &interop_settings::users_file),
        key({"relay.interop.project",
             "The project that sessions of shared secrets and static users count for; null is the default "
             "project.",
             restart},
            optional_of<project_text>{}, relay, interop, &interop_settings::project),
    };
}

std::vector<schema_key> api_keys() {
    const auto api = &settings::api;
    const auto ttl = seconds_between(seconds{1}, seconds{31'536'000});
    return {
        key({"api.address", "Where the HTTP API listens; port 0 takes a free one.", restart}, endpoint_text,
            api, &api_settings::address),
        tls_key({"api.tls.certificate",
                 "The certificate chain of the API (PEM, leaf first); with it the API "
                 "is HTTPS only.",
                 reload},
                api, &api_settings::tls, &tls_settings::certificate),
        tls_key({"api.tls.private_key", "The private key of that certificate (PEM).", reload}, api,
                &api_settings::tls, &tls_settings::private_key),
        key({"api.allow_plain_http",
             "Serve plain HTTP on an address that is not loopback: tokens cross the network unencrypted.",
             restart},
            flag{}, api, &api_settings::allow_plain_http),
        key({"api.trusted_proxies", "The proxies whose X-Forwarded-For is believed.", reload},
            list_of{cidr_text}, api, &api_settings::trusted_proxies),
        key({"api.cors_origins", "The origins that browsers may call the API from; none by default.", reload},
            list_of{text{1, 255}}, api, &api_settings::cors_origins),
        key({"api.connections_max",
             "Open connections to the API; beyond, a newcomer takes the place of one that is waited for.",
             restart},
            number16(1), api, &api_settings::connections_max),
        key({"api.limits.requests_per_second_per_token", "Requests a second of one token; beyond, 429.",
             reload},
            number32(1, 1'000'000), api, &api_settings::requests_per_second_per_token),
        key({"api.limits.requests_burst_per_token", "How many requests one token may make at once.", reload},
            number32(1, 1'000'000), api, &api_settings::requests_burst_per_token),
        key({"api.credentials.ttl_default_s",
             "How long a credential can be used to start sessions when its "
             "request names no ttl.",
             reload},
            ttl, api, &api_settings::ttl_default),
        key({"api.credentials.ttl_max_s", "The longest ttl that a request may name.", reload}, ttl, api,
            &api_settings::ttl_max),
        key({"api.credentials.session_max_s",
             "The longest that a session under a credential goes on after the credential has expired.",
             reload},
            ttl, api, &api_settings::session_max),
        key({"api.webhooks.allow_private_targets",
             "Let webhooks go to plain http URLs and to addresses that are not of the public Internet.",
             restart},
            flag{}, api, &api_settings::webhooks_to_private_addresses),
    };
}

std::vector<schema_key> store_keys() {
    const auto store = &settings::store;
    return {
        key({"store.upstream",
             "A PostgreSQL database that nodes share their tenants and history in, as postgresql://HOST/NAME "
             "without a password; empty leaves this node to its own.",
             restart},
            database_address{{0, 1'000}}, store, &store_settings::upstream),
        key({"store.upstream_file",
             "A file (mode 0600) with that address as its only line, for one that has a password in it.",
             restart},
            optional_of<file_path>{}, store, &store_settings::upstream_file),
    };
}

std::vector<schema_key> operation_keys() {
    const auto drain = &settings::drain;
    return {
        key({"status.address",
             "Where /healthz, /readyz, /version and /metrics are served to everybody who can connect.",
             restart},
            optional_of<parsed<net::endpoint>>{endpoint_text}, &settings::status, &status_settings::address),
        key({"drain.timeout_s",
             "How long SIGTERM lets live sessions go on, while no new ones begin; 0 ends them at once.",
             reload},
            seconds_between(seconds{0}, seconds{604'800}), drain, &drain_settings::timeout),
        key({"drain.min_allocations", "A drain is over when no more than this many allocations live.",
             reload},
            number32(0, 10'000'000), drain, &drain_settings::min_allocations),
    };
}

std::vector<schema_key> log_keys() {
    using telemetry::log_format;
    using telemetry::log_level;
    return {
        key({"log.level", "The least level that is logged.", reload},
            choice<log_level>{{{"trace", log_level::trace},
                               {"debug", log_level::debug},
                               {"info", log_level::info},
                               {"warn", log_level::warn},
                               {"error", log_level::error}}},
            &settings::log, &log_settings::level),
        key({"log.format", "Lines of text, or one JSON object a line.", reload},
            choice<log_format>{{{"text", log_format::text}, {"json", log_format::json}}}, &settings::log,
            &log_settings::format),
    };
}

std::vector<schema_key> make_schema() {
    std::vector<schema_key> keys;
    for (auto& section : {data_and_node_keys(), relay_keys(), nat_discovery_keys(), peer_keys(), limit_keys(),
                          interop_keys(), api_keys(), store_keys(), operation_keys(), log_keys()}) {
        keys.insert(keys.end(), section.begin(), section.end());
    }
    return keys;
}

}  // namespace

std::string_view schema_key::unit() const noexcept {
    if (path.ends_with("_ms")) return "milliseconds";
    if (path.ends_with("_s")) return "seconds";
    if (path.find("_bytes_") != std::string_view::npos) return "bytes";
    return {};
}

const std::vector<schema_key>& schema() {
    static const auto keys = make_schema();
    return keys;
}

const schema_key* find_key(std::string_view path) noexcept {
    const auto& keys = schema();
    const auto found = std::ranges::find(keys, path, &schema_key::path);
    return found == keys.end() ? nullptr : &*found;
}

}  // namespace turnix::config
