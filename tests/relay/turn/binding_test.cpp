#include "tests/relay/turn/test_client.hpp"

#include <catch2/catch.hpp>

using namespace turnix;
using namespace turnix::turn_test;
using turn::drop_reason;

TEST_CASE("RFC 8489 12: a Binding is answered with the address it came from", "[rfc8489][binding]") {
    world node;
    const auto* const from = GENERATE("198.51.100.7:40000", "[2001:db8:7::7]:40000");
    test_client client{node, from};
    const auto answer = client.ask_unsigned(method::binding, {});
    CHECK(answer.code() == success);
    CHECK(answer.address(attribute_type::xor_mapped_address) == at(from));
}

TEST_CASE("a Binding's answer over IPv4 is at most 1.6 times the request on the wire", "[binding]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    constexpr std::size_t ip_and_udp_bytes = 28;
    const auto answer = client.ask_unsigned(method::binding, {});
    CHECK(10 * (answer.message().size() + ip_and_udp_bytes) <= 16 * (stun::header_bytes + ip_and_udp_bytes));
}

TEST_CASE("Bindings beyond the budget of their source are silence over UDP only", "[binding][budget]") {
    world node{[](auto& settings) {
        settings.limits.unauthenticated_per_second = 1;
        settings.limits.unauthenticated_burst = 3;
    }};
    const auto [over, answered_of_five] = GENERATE(table<net::transport, int>({
        {net::transport::udp, 3},
        {net::transport::tcp, 5},
        {net::transport::tls, 5},
        {net::transport::dtls, 5},
    }));
    test_client client{node, "198.51.100.7:40000", over};
    int answers = 0;
    for (int i = 0; i < 5; ++i) answers += client.ask_unsigned(method::binding, {}).code() == success ? 1 : 0;
    CHECK(answers == answered_of_five);
    CHECK(node.drops(drop_reason::unauthorized_budget) == static_cast<std::uint64_t>(5 - answered_of_five));

    test_client other{node, "198.51.99.7:40000"};
    CHECK(other.ask_unsigned(method::binding, {}).code() == success);
}
