#include "relay/turn/stranger_share.hpp"
#include "tests/counted_allocations.hpp"
#include "tests/relay/turn/test_client.hpp"
#include "tests/scale.hpp"

#include <catch2/catch.hpp>

using namespace turnix;
using namespace turnix::turn_test;
using turn::drop_reason;

namespace {

const auto authenticated_methods = {method::allocate, method::refresh, method::create_permission,
                                    method::channel_bind};

std::string tampered(std::string text) {
    auto& middle = text[text.size() / 2];
    middle = middle == 'A' ? 'B' : 'A';
    return text;
}

}  // namespace

TEST_CASE("RFC 8489 9.2.4: without integrity every authenticated method is 401 with REALM and NONCE",
          "[rfc8489][authentication]") {
    for (const auto of : authenticated_methods) {
        world node;
        test_client client{node, "198.51.100.7:40000"};
        const auto answer = client.ask_unsigned(of, {udp()});
        CHECK(answer.code() == 401);
        CHECK(answer.text(attribute_type::realm) == node.settings.realm);
        CHECK(answer.text(attribute_type::nonce).size() == 37);
        CHECK(answer.has(attribute_type::password_algorithms));
        CHECK_FALSE(answer.has(attribute_type::message_integrity));
    }
}

TEST_CASE("a 401 to a plain Allocate has at most 100 bytes with a realm of 8 characters",
          "[authentication]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    REQUIRE(node.settings.realm.size() == 8);
    CHECK(client.ask_unsigned(method::allocate, {udp()}).message().size() <= 100);
}

TEST_CASE("RFC 8489 9.2.4: integrity without USERNAME, REALM or NONCE is 400", "[rfc8489][authentication]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    const auto missing = GENERATE(attribute_type::username, attribute_type::realm, attribute_type::nonce);
    CHECK(client.ask(method::allocate, {udp()}, {.without = {missing}}).code() == 400);
    CHECK(node.server.allocations() == 0);
}

TEST_CASE("RFC 8489 9.2.4: a nonce that is not ours, of another client or too old is 438 with a new one",
          "[rfc8489][authentication]") {
    for (const auto of : authenticated_methods) {
        world node;
        test_client client{node, "198.51.100.7:40000"};
        test_client other{node, "198.51.100.7:40001"};
        client.allocate();
        other.allocate();

        for (const auto& stale : {std::string{"nonsense"}, tampered(client.nonce), other.nonce}) {
            const auto answer = client.ask(of, {udp()}, {.nonce = stale});
            CHECK(answer.code() == 438);
            CHECK(answer.text(attribute_type::realm) == node.settings.realm);
            CHECK_FALSE(answer.has(attribute_type::message_integrity));
        }
        node.now.monotonic += 2 * node.settings.nonce_lifetime;
        const auto answer = client.ask(of, {udp()});
        REQUIRE(answer.code() == 438);
        client.nonce = answer.text(attribute_type::nonce);
        CHECK(client.ask(of, {udp()}).code() != 438);
    }
}

TEST_CASE("RFC 8489 9.2.4: a wrong password, a tampered or unknown username is 401",
          "[rfc8489][authentication]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    const auto wrong = GENERATE_COPY(
        deviation{.password = "guessed"}, deviation{.username = tampered(client.credential.username)},
        deviation{.username = "alice"}, deviation{.username = ""}, deviation{.username = "%s%x%n"});
    const auto answer = client.ask(method::allocate, {udp()}, wrong);
    CHECK(answer.code() == 401);
    CHECK(answer.has(attribute_type::realm));
    CHECK(answer.has(attribute_type::nonce));
    CHECK_FALSE(answer.has(attribute_type::message_integrity));
    CHECK(node.server.allocations() == 0);
    CHECK(node.totals().errors_of(401) == 2);
}

TEST_CASE("an expired credential gets no allocation, with 30 s of tolerance", "[authentication]") {
    world node;
    auto claims = node.claims();
    claims.expires_at = claims.issued_at + 30s;
    test_client client{node, "198.51.100.7:40000", claims};
    const auto [age, expected] = GENERATE(table<std::chrono::seconds, int>({
        {29s, success},
        {60s, success},
        {61s, 401},
    }));
    node.jump(age);
    CHECK(client.ask(method::allocate, {udp()}).code() == expected);
}

TEST_CASE("a credential whose sessions have ended gets no allocation", "[authentication]") {
    world node;
    auto claims = node.claims();
    claims.sessions_end_at = claims.issued_at + 60s;
    test_client client{node, "198.51.100.7:40000", claims};
    node.jump(90s);
    CHECK(client.ask(method::allocate, {udp()}).code() == 401);
}

TEST_CASE("a call under a ttl of 30 s lasts 15 minutes by refreshes", "[authentication][refresh]") {
    world node;
    auto claims = node.claims();
    claims.expires_at = claims.issued_at + 30s;
    test_client client{node, "198.51.100.7:40000", claims};
    client.allocate();
    for (int minute = 0; minute < 15; ++minute) {
        node.pass(60s);
        REQUIRE(client.ask(method::refresh, {}).lifetime() == 600s);
        REQUIRE(client.bind(0x4000, "9.9.9.9:7").code() == success);
    }
    CHECK(std::holds_alternative<turn::to_peer>(client.send_channel_data(0x4000, "hello")));
}

TEST_CASE("RFC 8656 5: a request of another user on a live allocation is 441, signed with that user's key",
          "[rfc8656][authentication]") {
    world node;
    test_client owner{node, "198.51.100.7:40000"};
    test_client thief{node, "198.51.100.7:40000"};
    owner.allocate();

    for (const auto of : {method::refresh, method::create_permission, method::channel_bind}) {
        const auto answer = thief.ask(of, {lifetime(0s), channel(0x4000), peer("9.9.9.9:7")});
        CHECK(answer.code() == 441);
        CHECK(answer.is_signed_with(thief.key()));
    }
    CHECK(thief.ask(method::refresh, {}, {.password = "guessed"}).code() == 401);
    CHECK(node.server.allocations() == 1);
}

TEST_CASE("RFC 8489 9.2.4: a request that is not authenticated changes nothing, whatever its method",
          "[rfc8489][authentication]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    client.allocate();
    const auto [of, with] = GENERATE(table<method, attributes>({
        {method::refresh, {lifetime(0s)}},
        {method::refresh, {lifetime(3600s)}},
        {method::create_permission, {peer("9.9.9.9:7")}},
        {method::channel_bind, {channel(0x4000), peer("9.9.9.9:7")}},
    }));
    CHECK(client.ask(of, with, {.password = "guessed"}).code() == 401);
    CHECK(client.ask(of, with, {.nonce = "made up"}).code() == 438);
    CHECK(client.ask_unsigned(of, with).code() == 401);

    const auto sent = client.send_indication({peer("9.9.9.9:7"), data("x")});
    CHECK(std::holds_alternative<turn::silence>(sent));
    node.pass(599s);
    CHECK(node.server.allocations() == 1);
    node.pass(1s);
    CHECK(node.server.allocations() == 0);
}

TEST_CASE("401s and 438s beyond the budget of their source are silence over UDP only",
          "[authentication][budget]") {
    world node{[](auto& settings) {
        settings.limits.unauthenticated_per_second = 1;
        settings.limits.unauthenticated_burst = 4;
    }};
    const auto [over, answered_of_eight] = GENERATE(table<net::transport, int>({
        {net::transport::udp, 4},
        {net::transport::tcp, 8},
        {net::transport::tls, 8},
        {net::transport::dtls, 8},
    }));
    test_client client{node, "198.51.100.7:40000", over};
    client.allocate();
    int answers = 1;  // the challenge that taught the nonce
    for (int i = 0; i < 3; ++i) answers += client.ask_unsigned(method::refresh, {}).code() == 401 ? 1 : 0;
    for (int i = 0; i < 4; ++i)
        answers += client.ask(method::refresh, {}, {.nonce = "x"}).code() == 438 ? 1 : 0;
    CHECK(answers == answered_of_eight);
    CHECK(client.ask(method::refresh, {}).code() == success);
}

TEST_CASE("failed integrity is counted per source on every transport, and the valid are always served",
          "[authentication][budget]") {
    world node{[](auto& settings) { settings.limits.failed_integrity_per_minute = 5; }};
    const auto over = GENERATE(net::transport::udp, net::transport::tcp, net::transport::tls);
    test_client attacker{node, "198.51.100.7:40000", over};
    test_client neighbour{node, "198.51.100.7:50000", over};
    int answers = 0;
    for (int i = 0; i < 20; ++i) {
        answers += attacker.ask(method::allocate, {udp()}, {.password = "guessed"}).code() == 401 ? 1 : 0;
    }
    CHECK(answers == 5);
    CHECK(node.drops(drop_reason::integrity_budget) == 15);
    CHECK(neighbour.ask(method::allocate, {udp()}).code() == success);
    CHECK(attacker.ask(method::allocate, {udp()}).code() == success);
}

TEST_CASE("100,000 requests of strangers leave no session behind, and take no memory",
          "[authentication][budget]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    client.nonce = "unknown";
    const auto unsigned_allocate =
        client.build(method::allocate, {udp()}, {.without = {attribute_type::message_integrity}});
    const auto badly_signed = client.build(method::allocate, {udp()});
    const auto flood = [&](std::uint32_t count) {
        for (std::uint32_t i = 0; i < count; ++i) {
            net::address::v4_bytes source{11, 0, 0, 7};
            source[1] = static_cast<std::uint8_t>(i >> 8U);
            source[2] = static_cast<std::uint8_t>(i);
            client.path.client = {net::address{source}, static_cast<std::uint16_t>(i)};
            static_cast<void>(client.send(unsigned_allocate));
            static_cast<void>(client.send(badly_signed));
        }
    };
    flood(10);
    const auto before = test::allocations_made();
    flood(50'000);
    CHECK(test::allocations_made() == before);
    CHECK(node.server.allocations() == 0);
    CHECK(node.ports.requests.empty());
    CHECK(node.observer.events.empty());
    tests::tell_figure("security-strangers",
                       "100,000 Allocates of made-up senders: no session, no port, no memory");
}

TEST_CASE("strangers from whom a DTLS cookie is due are strangers as any while the worker is behind",
          "[authentication][budget]") {
    world node;
    using turn::stranger_share;
    const bool is_behind = GENERATE(false, true);
    for (std::uint32_t look = 0; look <= stranger_share::halvings_max; ++look) {
        node.now.monotonic += std::chrono::milliseconds{1};
        for (std::uint32_t i = 0; i < (is_behind ? stranger_share::crowd : 1); ++i)
            static_cast<void>(node.server.has_time_for_stranger(node.now.monotonic));
    }
    node.now.monotonic += std::chrono::milliseconds{1};
    test_client client{node, "198.51.100.7:40000"};
    int answers = 0;
    for (std::uint32_t i = 0; i < 3'200; ++i) {
        client.path.client.address = net::address{
            net::address::v4_bytes{11, static_cast<std::uint8_t>(i >> 8U), static_cast<std::uint8_t>(i), 7}};
        answers += client.ask_unsigned(method::binding, {}).code() == success ? 1 : 0;
    }
    CHECK(answers > 0);
    CHECK((answers == 3'200) == !is_behind);
    CHECK(answers < (is_behind ? 200 : 3'201));
}
