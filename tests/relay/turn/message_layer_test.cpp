#include "relay/stun/fingerprint.hpp"
#include "tests/relay/turn/test_client.hpp"

#include <catch2/catch.hpp>

#include <array>

using namespace turnix;
using namespace turnix::turn_test;
using turn::drop_reason;

namespace {

bytes message_of(method of, stun::message_class with, const attributes& adds = {}) {
    std::array<std::byte, 512> buffer{};
    stun::message_writer out{buffer, {of, with, {}}};
    for (const auto& add : adds) add(out);
    return {out.message().begin(), out.message().end()};
}

bool is_silence(const turn::client_effect& effect) { return std::holds_alternative<turn::silence>(effect); }

std::string hex_of(std::string_view text) {
    std::string hex;
    for (const auto byte : bytes_of(text)) {
        constexpr std::string_view digits = "0123456789abcdef";
        hex += digits[std::to_integer<std::size_t>(byte >> 4)];
        hex += digits[std::to_integer<std::size_t>(byte & std::byte{15})];
    }
    return hex;
}

constexpr auto optional_unknown = static_cast<attribute_type>(0xc123);
constexpr auto required_unknown = static_cast<attribute_type>(0x7abc);

}  // namespace

TEST_CASE("RFC 8489 6.3: nothing but a request is answered, for every method and class", "[rfc8489]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    const bool with_allocation = GENERATE(false, true);
    if (with_allocation) client.allocate();

    for (std::uint16_t number = 0; number <= 0xfff; ++number) {
        for (const auto not_request : {stun::message_class::indication, stun::message_class::success_response,
                                       stun::message_class::error_response}) {
            const auto message = message_of(static_cast<method>(number), not_request, {udp()});
            if (!is_silence(client.send(message))) FAIL_CHECK("answered a non-request of method " << number);
        }
    }
    CHECK(node.server.allocations() == (with_allocation ? 1 : 0));
}

TEST_CASE("RFC 8489 6.3: a request of an unknown method is dropped", "[rfc8489]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    client.allocate();
    const auto of = GENERATE(method{0x002}, method::send, method::data, method{0x0ff});
    CHECK(client.ask(of, {}).code() == silence);
    CHECK(node.drops(drop_reason::unknown_method) == 1);
}

TEST_CASE("RFC 8489 6.3.1: unknown comprehension-required attributes are listed in a 420", "[rfc8489]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    SECTION("signed when the request was authenticated") {
        const auto answer = client.ask(method::allocate, {udp(), raw(required_unknown, "x"),
                                                          raw(static_cast<attribute_type>(0x7abd), "1234")});
        CHECK(answer.code() == 420);
        CHECK(hex_of(answer.text(attribute_type::unknown_attributes)) == "7abc7abd");
        CHECK(answer.is_signed_with(client.key()));
    }
    SECTION("to a Binding as well") {
        const auto answer = client.ask_unsigned(method::binding, {raw(required_unknown, "x")});
        CHECK(answer.code() == 420);
        CHECK(hex_of(answer.text(attribute_type::unknown_attributes)) == "7abc");
        CHECK_FALSE(answer.has(attribute_type::message_integrity));
    }
    SECTION("only after authentication") {
        CHECK(client.ask_unsigned(method::allocate, {udp(), raw(required_unknown, "x")}).code() == 401);
    }
    CHECK(node.server.allocations() == 0);
}

TEST_CASE("RFC 8489 6.3: unknown comprehension-optional and known but unexpected attributes are ignored",
          "[rfc8489]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    CHECK(
        client
            .ask(method::allocate, {udp(), raw(optional_unknown, "x"), raw(attribute_type::software, "test"),
                                    raw(attribute_type::mapped_address, "12345678")})
            .code() == success);
}

TEST_CASE("RFC 8489 6.3.2: an indication with an unknown comprehension-required attribute is dropped",
          "[rfc8489][send]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    client.allocate();
    REQUIRE(client.permit("9.9.9.9:1").code() == success);

    const auto sent = client.send_indication({peer("9.9.9.9:7"), data("hello"), raw(required_unknown, "")});
    CHECK(is_silence(sent));
    CHECK(node.drops(drop_reason::unknown_attribute) == 1);
}

TEST_CASE("RFC 8489 14.5: attributes after MESSAGE-INTEGRITY change nothing", "[rfc8489]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    client.allocate();
    SECTION("LIFETIME of a Refresh") {
        const deviation appended{.after_integrity = {lifetime(0s)}};
        CHECK(client.ask(method::refresh, {}, appended).lifetime() == 600s);
        CHECK(node.server.allocations() == 1);
    }
    SECTION("XOR-PEER-ADDRESS of a CreatePermission") {
        const deviation appended{.after_integrity = {peer("9.9.9.9:1")}};
        CHECK(client.ask(method::create_permission, {}, appended).code() == 400);
        CHECK(client.ask(method::create_permission, {peer("8.8.8.8:1")}, appended).code() == success);
        CHECK(is_silence(client.send_indication({peer("9.9.9.9:7"), data("hello")})));
        CHECK_FALSE(is_silence(client.send_indication({peer("8.8.8.8:7"), data("hello")})));
    }
    SECTION("an unknown comprehension-required one") {
        const deviation appended{.after_integrity = {raw(required_unknown, "x")}};
        CHECK(client.ask(method::refresh, {}, appended).code() == success);
    }
}

TEST_CASE("RFC 8489 14: the first of duplicate attributes counts", "[rfc8489]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    client.allocate();
    CHECK(client.ask(method::refresh, {lifetime(1200s), lifetime(0s)}).lifetime() == 1200s);
}

TEST_CASE("RFC 8489 7: FINGERPRINT is answered when asked, and a wrong one is silence", "[rfc8489]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    CHECK(client.ask_unsigned(method::binding, {}, true).has(attribute_type::fingerprint));
    CHECK_FALSE(client.ask_unsigned(method::binding, {}).has(attribute_type::fingerprint));
    CHECK(client.ask_unsigned(method::allocate, {udp()}, true).has(attribute_type::fingerprint));
    CHECK(client.ask(method::allocate, {udp()}, {.fingerprint = true}).has(attribute_type::fingerprint));

    auto wrong = client.build(method::refresh, {}, {.fingerprint = true});
    wrong.back() ^= std::byte{1};
    CHECK(is_silence(client.send(wrong)));
    CHECK(node.drops(drop_reason::malformed) == 1);
}

TEST_CASE("RFC 7983: what begins neither STUN nor ChannelData is dropped", "[rfc7983]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    client.allocate();
    for (unsigned first = 0; first < 256; ++first) {
        bytes noise(24, std::byte{0});
        noise[0] = static_cast<std::byte>(first);
        if (!is_silence(client.send(noise))) FAIL_CHECK("answered noise that begins with " << first);
    }
    CHECK(is_silence(client.send({})));
}

TEST_CASE("RFC 8489 6.3: a malformed message is silence", "[rfc8489]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    client.allocate();
    const auto good = client.build(method::refresh, {});
    const auto cut = GENERATE(range(1, 20), 24, 25, 28);
    CHECK(is_silence(client.send(std::span{good}.first(static_cast<std::size_t>(cut)))));
}
