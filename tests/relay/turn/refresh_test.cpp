#include "tests/relay/turn/test_client.hpp"

#include <catch2/catch.hpp>

using namespace turnix;
using namespace turnix::turn_test;
using contract::end_reason;

TEST_CASE("RFC 8656 8.2: without an allocation a Refresh is 437, signed", "[rfc8656][refresh]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    const auto asked = GENERATE(0s, 600s);
    const auto answer = client.ask(method::refresh, {lifetime(asked)});
    CHECK(answer.code() == 437);
    CHECK(answer.is_signed_with(client.key()));
}

TEST_CASE("RFC 8656 8.2: a Refresh sets the time-to-expiry between the default and the maximum",
          "[rfc8656][refresh]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    client.allocate();
    const auto [with, granted] = GENERATE(table<attributes, std::chrono::seconds>({
        {attributes{}, 600s},
        {{lifetime(1s)}, 600s},
        {{lifetime(700s)}, 700s},
        {{lifetime(99'999s)}, 3600s},
    }));
    node.pass(300s);
    const auto answer = client.ask(method::refresh, with);
    CHECK(answer.code() == success);
    CHECK(answer.lifetime() == granted);

    node.jump(granted - 1s);
    CHECK(node.server.allocations() == 1);
    node.jump(1s);
    CHECK(node.server.allocations() == 0);
}

TEST_CASE("RFC 8656 8.2: a lifetime of 0 deletes, and once more is 437", "[rfc8656][refresh]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    client.allocate();
    const auto answer = client.ask(method::refresh, {lifetime(0s)});
    CHECK(answer.code() == success);
    CHECK(answer.lifetime() == 0s);
    CHECK(answer.is_signed_with(client.key()));
    CHECK(node.server.allocations() == 0);
    CHECK(node.ports.open_ports() == 0);
    CHECK(node.admission.sessions() == 0);
    CHECK_FALSE(node.own_ports.local_of(at("203.0.113.10:50000")));
    CHECK(client.ask(method::refresh, {lifetime(0s)}).code() == 437);
}

TEST_CASE("RFC 8656 8.2: a family other than the allocation's is 443", "[rfc8656][refresh]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    const auto [allocated, asked, expected] = GENERATE(table<std::uint8_t, std::uint8_t, int>({
        {std::uint8_t{1}, std::uint8_t{1}, success},
        {std::uint8_t{1}, std::uint8_t{2}, 443},
        {std::uint8_t{2}, std::uint8_t{2}, success},
        {std::uint8_t{2}, std::uint8_t{1}, 443},
        {std::uint8_t{1}, std::uint8_t{9}, 443},
    }));
    client.allocate({family(allocated)});
    CHECK(client.ask(method::refresh, {family(asked), lifetime(0s)}).code() == expected);
    CHECK(node.server.allocations() == (expected == success ? 0 : 1));
}

TEST_CASE("RFC 8656 8.2: a malformed LIFETIME is 400 and deletes nothing", "[rfc8656][refresh]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    client.allocate();
    CHECK(client.ask(method::refresh, {raw(attribute_type::lifetime, "")}).code() == 400);
    CHECK(node.server.allocations() == 1);
}

TEST_CASE("RFC 8656 7: an allocation that is not refreshed ends, with everything it held", "[rfc8656]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    client.allocate();
    node.pass(599s);
    CHECK(node.server.allocations() == 1);
    node.pass(1s);
    CHECK(node.server.allocations() == 0);
    CHECK(node.ports.open_ports() == 0);
    CHECK(node.admission.sessions() == 0);
    const auto ended = node.observer.all<contract::session_ended>();
    REQUIRE(ended.size() == 1);
    CHECK(ended[0].reason == end_reason::lifetime_expired);

    CHECK(client.allocate() == at("203.0.113.10:50001"));
}

TEST_CASE("a session ends with what its credential grants, and its lifetime says so", "[refresh]") {
    world node;
    auto claims = node.claims();
    const bool by_expiry = GENERATE(false, true);
    if (by_expiry) {
        claims.expires_at = claims.issued_at + 270s;
        claims.expiry = credential::on_expiry::disconnect;
    } else {
        claims.sessions_end_at = claims.issued_at + 270s;
    }
    test_client client{node, "198.51.100.7:40000", claims};
    CHECK(client.ask(method::allocate, {udp()}).lifetime() == 300s);
    node.pass(100s);
    CHECK(client.ask(method::refresh, {lifetime(3600s)}).lifetime() == 200s);
    node.pass(199s);
    CHECK(node.server.allocations() == 1);

    const bool asked_before_the_tick = GENERATE(false, true);
    if (asked_before_the_tick) {
        node.now.wall += 1s;
        node.now.monotonic += 1s;
        CHECK(client.ask(method::refresh, {}).code() == 437);
    } else {
        node.pass(1s);
    }
    CHECK(node.server.allocations() == 0);
    const auto ended = node.observer.all<contract::session_ended>();
    REQUIRE(ended.size() == 1);
    CHECK(ended[0].reason == end_reason::credential_ended);
}

TEST_CASE("expiry that keeps does not end a session", "[refresh]") {
    world node;
    auto claims = node.claims();
    claims.expires_at = claims.issued_at + 60s;
    test_client client{node, "198.51.100.7:40000", claims};
    client.allocate();
    node.pass(500s);
    CHECK(client.ask(method::refresh, {}).lifetime() == 600s);
}
