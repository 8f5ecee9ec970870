#include "relay/turn/peer_policy.hpp"

#include "tests/relay/turn/addresses.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <ranges>
#include <string>
#include <vector>

using namespace turnix;
using namespace turnix::turn;
using namespace turnix::turn_test;

namespace {

// docs/security.md, "Peers", to the letter.
constexpr std::array denied_ipv4{
    "0.0.0.0/8",      "10.0.0.0/8",     "100.64.0.0/10",   "127.0.0.0/8",      "169.254.0.0/16",
    "172.16.0.0/12",  "192.0.0.0/24",   "192.0.2.0/24",    "192.31.196.0/24",  "192.52.193.0/24",
    "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15",    "198.51.100.0/24",
    "203.0.113.0/24", "224.0.0.0/4",    "240.0.0.0/4",     "168.63.129.16/32",
};
// The first three are what lies outside 2000::/3.
constexpr std::array denied_ipv6{
    "::/3",           "4000::/2",      "8000::/1",          "2001::/23",
    "2001:db8::/32",  "2002::/16",     "2620:4f:8000::/48", "3fff::/20",
    "::/96",          "::ffff:0:0/96", "::ffff:0:0:0/96",   "64:ff9b::/96",
    "64:ff9b:1::/48",
};
constexpr std::array never_allowed{
    "0.0.0.0",
    "0.255.255.255",
    "127.1.2.3",
    "127.255.255.255",
    "169.254.169.254",
    "224.0.0.1",
    "239.255.255.255",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "febf:ffff::1",
    "ff02::1",
    "::127.1.2.3",
    "::ffff:127.1.2.3",
    "::ffff:0:169.254.169.254",
    "64:ff9b::127.1.2.3",
    "2002:7f01:203::",
    "2a00::5efe:127.1.2.3",
};

std::vector<net::cidr> ranges(std::initializer_list<const char*> texts) {
    std::vector<net::cidr> parsed;
    for (const auto* const text : texts) parsed.push_back(net::cidr::parse(text).value());
    return parsed;
}

std::string prefix_bits(const net::cidr& range) { return bits_of(range.prefix()).substr(0, range.length()); }

std::string filled(std::string bits, std::size_t size, char with) {
    bits.resize(size, with);
    return bits;
}

// The number before or after, around the end: '1' borrows, '0' carries.
std::string beside(std::string bits, char turned) {
    for (auto& bit : std::views::reverse(bits)) {
        bit = bit == '0' ? '1' : '0';
        if (bit == turned) break;
    }
    return bits;
}
std::string before(std::string bits) { return beside(std::move(bits), '0'); }
std::string after(std::string bits) { return beside(std::move(bits), '1'); }

// Of every range: first, last, one in the middle, and the two just outside.
template <std::size_t Size>
std::vector<net::address> landmarks(const std::array<const char*, Size>& list) {
    std::vector<net::address> found;
    for (const auto* const text : list) {
        const auto range = net::cidr::parse(text).value();
        const auto prefix = prefix_bits(range);
        const auto size = range.prefix().bytes().size() * 8;
        const auto first = filled(prefix, size, '0');
        const auto last = filled(prefix, size, '1');
        const auto middle = prefix.size() == size ? first : filled(prefix + '1', size, '0');
        for (const auto& bits : {first, last, middle, before(first), after(last)}) {
            found.push_back(address_of(bits));
        }
    }
    return found;
}

template <std::size_t Size>
bool is_in(const std::array<const char*, Size>& list, const net::address& address) {
    const auto bits = bits_of(address);
    return std::ranges::any_of(list, [&](const char* text) {
        const auto range = net::cidr::parse(text).value();
        return range.prefix().family() == address.family() && bits.starts_with(prefix_bits(range));
    });
}

bool is_isatap(const net::address& address) {
    const auto bits = bits_of(address);
    return bits.substr(64, 6) == "000000" && bits.substr(71, 25) == "0000000000101111011111110";
}

// Every way to write an IPv4 address as IPv6.
std::vector<net::address> encodings(const net::address& ipv4) {
    const auto inside = bits_of(ipv4);
    const auto behind = [&](const char* prefix, std::size_t length) {
        return address_of(filled(bits_of(ip(prefix)).substr(0, length) + inside, 128, '0'));
    };
    std::string inverted;
    for (const auto bit : inside) inverted += bit == '0' ? '1' : '0';
    return {
        behind("::", 96),
        behind("::ffff:0:0", 96),
        behind("::ffff:0:0:0", 96),
        behind("64:ff9b::", 96),
        behind("64:ff9b:1::", 96),
        address_of(bits_of(ip("64:ff9b:1::")).substr(0, 48) + inside.substr(0, 16) + "00000000" +
                   inside.substr(16) + std::string(40, '0')),
        behind("2002::", 16),
        behind("2001::", 32),
        address_of(bits_of(ip("2001::")).substr(0, 96) + inverted),
        behind("fe80::5efe:0:0", 96),
        behind("2a00:1450::5efe:0:0", 96),
        behind("2a00:1450::200:5efe:0:0", 96),
    };
}

struct node {
    explicit node(const contract::peer_settings& settings = {}) : policy{settings, ports} {}

    static node_ports make_ports() {
        const std::array<contract::relay_address_settings, 2> relay_addresses{{
            {.local = ip("10.0.0.5"), .external = ip("8.8.4.4")},
            {.local = ip("127.0.0.1"), .external = std::nullopt},
        }};
        const std::array others{ip("9.9.9.9")};
        return {relay_addresses, others};
    }

    // The same answer for an address whether a port is named or not: this is no address of the node.
    [[nodiscard]] peer_verdict verdict(const net::address& foreign) const {
        const auto permission = policy.permission(foreign);
        CHECK(policy.endpoint({foreign, 50000}) == permission);
        return permission;
    }
    [[nodiscard]] peer_verdict verdict(const char* foreign) const { return verdict(ip(foreign)); }

    node_ports ports = make_ports();
    peer_policy policy;
};

}  // namespace

TEST_CASE("every denied IPv4 range is denied from its first to its last address, and no further",
          "[policy]") {
    const node node;
    for (const auto& address : landmarks(denied_ipv4)) {
        INFO(address.to_string());
        CHECK(is_allowed(node.verdict(address)) == !is_in(denied_ipv4, address));
    }
}

TEST_CASE("no IPv4 address is reached by being written as IPv6", "[policy]") {
    const node node;
    for (const auto& ipv4 : landmarks(denied_ipv4)) {
        for (const auto& written : encodings(ipv4)) {
            INFO(ipv4.to_string() << " as " << written.to_string());
            CHECK_FALSE(is_allowed(node.verdict(written)));
        }
    }
}

TEST_CASE("every denied IPv6 range is denied from its first to its last address, and no further",
          "[policy]") {
    const node node;
    for (const auto& address : landmarks(denied_ipv6)) {
        INFO(address.to_string());
        CHECK(is_allowed(node.verdict(address)) == !(is_in(denied_ipv6, address) || is_isatap(address)));
    }
}

TEST_CASE("a verdict names the rule that decided", "[policy]") {
    const node node{{.deny = ranges({"198.41.0.0/24"}), .allow = ranges({"10.1.0.0/16"})}};
    const auto [address, expected] = GENERATE(table<const char*, peer_verdict>({
        {"1.1.1.1", peer_verdict::public_address},
        {"2606:4700::1", peer_verdict::public_address},
        {"10.1.2.3", peer_verdict::configured_allow},
        {"10.2.0.1", peer_verdict::special_purpose},
        {"fd00::1", peer_verdict::special_purpose},
        {"198.41.0.4", peer_verdict::configured_deny},
        {"127.0.0.2", peer_verdict::never_allowed},
        {"::ffff:127.0.0.2", peer_verdict::never_allowed},
        {"::ffff:1.1.1.1", peer_verdict::embedded_ipv4},
        {"::ffff:10.1.2.3", peer_verdict::embedded_ipv4},
    }));
    INFO(address);
    CHECK(node.verdict(address) == expected);
    CHECK(to_string(expected) != "unknown");
}

TEST_CASE("allow wins over deny and over private ranges", "[policy]") {
    const node node{{.deny = ranges({"10.0.0.0/8", "1.0.0.0/8"}),
                     .allow = ranges({"10.1.0.0/16", "1.1.1.1", "fd00::/8"})}};
    CHECK(node.verdict("10.1.2.3") == peer_verdict::configured_allow);
    CHECK(node.verdict("1.1.1.1") == peer_verdict::configured_allow);
    CHECK(node.verdict("fd00::1") == peer_verdict::configured_allow);
    CHECK(node.verdict("1.1.1.2") == peer_verdict::configured_deny);
}

TEST_CASE("allow never opens loopback, unspecified, multicast, broadcast or link-local", "[policy]") {
    const node node{{.allow = ranges({"0.0.0.0/0", "::/0"})}};
    for (const auto* const address : never_allowed) {
        INFO(address);
        CHECK(node.verdict(address) == peer_verdict::never_allowed);
    }
    CHECK(node.verdict("::ffff:1.1.1.1") == peer_verdict::embedded_ipv4);
}

TEST_CASE("unsafe_allow wins over everything, for what is written as it says", "[policy]") {
    const node everything{
        {.deny = ranges({"0.0.0.0/0", "::/0"}), .unsafe_allow = ranges({"0.0.0.0/0", "::/0"})}};
    for (const auto* const address : never_allowed) {
        INFO(address);
        CHECK(everything.verdict(address) == peer_verdict::unsafe_allow);
    }
    CHECK(everything.policy.endpoint(at("8.8.4.4:3478")) == peer_verdict::unsafe_allow);

    const node only_ipv4{{.unsafe_allow = ranges({"127.0.0.0/8"})}};
    CHECK(only_ipv4.verdict("127.0.0.2") == peer_verdict::unsafe_allow);
    CHECK(only_ipv4.verdict("::ffff:127.0.0.2") == peer_verdict::never_allowed);
    CHECK(only_ipv4.verdict("::1") == peer_verdict::never_allowed);
}

TEST_CASE("addresses under the NAT64 prefix get the verdict of the IPv4 address inside", "[policy]") {
    const auto* const prefix = GENERATE("2a00:64::/96", "64:ff9b::/96");
    const auto nat64 = net::cidr::parse(prefix).value();
    const node node{{.deny = ranges({"198.41.0.0/24"}),
                     .allow = ranges({"10.1.0.0/16"}),
                     .unsafe_allow = ranges({"127.0.0.9"}),
                     .nat64_prefix = nat64}};
    for (const auto* const ipv4 : {"1.1.1.1", "198.41.0.4", "10.1.2.3", "10.2.0.1", "127.0.0.2", "127.0.0.9",
                                   "169.254.169.254", "224.0.0.1", "0.0.0.0", "255.255.255.255"}) {
        const auto written = address_of(prefix_bits(nat64) + bits_of(ip(ipv4)));
        INFO(written.to_string());
        CHECK(node.verdict(written) == node.verdict(ipv4));
    }
}

TEST_CASE("deny also holds for addresses as they are written under the NAT64 prefix", "[policy]") {
    const node node{
        {.deny = ranges({"2a00:64::1.1.0.0/112"}), .nat64_prefix = net::cidr::parse("2a00:64::/96").value()}};
    CHECK(node.verdict("2a00:64::1.1.1.1") == peer_verdict::configured_deny);
    CHECK(node.verdict("2a00:64::1.2.1.1") == peer_verdict::public_address);
}

TEST_CASE("a NAT64 prefix that is no IPv6 /96 stops the start and is named", "[policy]") {
    const auto* const text = GENERATE("64:ff9b::/64", "64:ff9b:1::/48", "10.0.0.0/8", "64:ff9b::1/128");
    CHECK_THROWS_WITH(node({.nat64_prefix = net::cidr::parse(text).value()}), Catch::Contains(text));
}

TEST_CASE("a relay port of this node is allowed while it is open, loopback and private included",
          "[policy]") {
    node node;
    const auto [peer, local] = GENERATE(table<const char*, const char*>({
        {"8.8.4.4:50000", "10.0.0.5:50000"},
        {"10.0.0.5:50000", "10.0.0.5:50000"},
        {"127.0.0.1:50000", "127.0.0.1:50000"},
    }));
    INFO(peer);
    CHECK(node.policy.endpoint(at(peer)) == peer_verdict::node_other);
    node.ports.opened(at(local));
    CHECK(node.policy.endpoint(at(peer)) == peer_verdict::node_relay);
    CHECK(node.policy.endpoint({at(peer).address, 3478}) == peer_verdict::node_other);
    node.ports.closed(at(local));
    CHECK(node.policy.endpoint(at(peer)) == peer_verdict::node_other);
}

TEST_CASE("a permission for an own relay address succeeds, for other own addresses it does not", "[policy]") {
    const node node{{.deny = ranges({"8.0.0.0/8", "10.0.0.0/8"}), .allow = ranges({"0.0.0.0/0"})}};
    const auto [peer, expected] = GENERATE(table<const char*, peer_verdict>({
        {"8.8.4.4", peer_verdict::node_relay},
        {"10.0.0.5", peer_verdict::node_relay},
        {"127.0.0.1", peer_verdict::node_relay},
        {"9.9.9.9", peer_verdict::node_other},
        {"::ffff:8.8.4.4", peer_verdict::node_other},
        {"2002:808:404::1", peer_verdict::node_other},
    }));
    INFO(peer);
    CHECK(node.policy.permission(ip(peer)) == expected);
}

TEST_CASE("an own port is reached under no other writing of its address", "[policy]") {
    node node{{.nat64_prefix = net::cidr::parse("2a00:64::/96").value()}};
    node.ports.opened(at("10.0.0.5:50000"));
    auto writings = encodings(ip("8.8.4.4"));
    writings.push_back(ip("2a00:64::8.8.4.4"));
    for (const auto& written : writings) {
        INFO(written.to_string());
        CHECK_FALSE(is_allowed(node.policy.endpoint({written, 50000})));
        CHECK_FALSE(is_allowed(node.policy.permission(written)));
    }
}
