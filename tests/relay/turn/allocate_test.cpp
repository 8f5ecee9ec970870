#include "tests/relay/turn/test_client.hpp"

#include <catch2/catch.hpp>

using namespace turnix;
using namespace turnix::turn_test;

TEST_CASE("RFC 8656 7.2: a success carries the external relayed address, the lifetime and the mapped address",
          "[rfc8656][allocate]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    const auto answer = client.ask(method::allocate, {udp()});

    REQUIRE(answer.code() == success);
    CHECK(answer.address(attribute_type::xor_relayed_address) == at("203.0.113.10:50000"));
    CHECK(answer.address(attribute_type::xor_mapped_address) == at("198.51.100.7:40000"));
    CHECK(answer.lifetime() == 600s);
    CHECK(answer.is_signed_with(client.key()));
    CHECK_FALSE(answer.has(attribute_type::fingerprint));
    CHECK(node.server.allocations() == 1);
    CHECK(node.admission.sessions() == 1);
    CHECK(node.server.has_allocation(client.path));
    CHECK(node.own_ports.local_of(at("203.0.113.10:50000")) == at("192.0.2.10:50000"));
}
