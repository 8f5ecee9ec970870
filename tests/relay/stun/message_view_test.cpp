#include "relay/stun/message_view.hpp"

#include "relay/stun/attributes.hpp"
#include "relay/stun/fingerprint.hpp"
#include "relay/stun/integrity.hpp"
#include "relay/stun/message_writer.hpp"
#include "tests/common/crypto/hex.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <string>
#include <string_view>
#include <vector>

using namespace turnix;
using stun::attribute_type;
using stun::message_error;
using test::hex;

namespace {

// A Binding request with this body, whatever it is.
std::vector<std::byte> request(std::string_view body_in_hex) {
    auto bytes = hex("00010000 2112a442 000102030405060708090a0b");
    const auto body = hex(body_in_hex);
    bytes.insert(bytes.end(), body.begin(), body.end());
    bytes[2] = static_cast<std::byte>(body.size() / 256);
    bytes[3] = static_cast<std::byte>(body.size() % 256);
    return bytes;
}

std::string repeated(std::string_view text, std::size_t count) {
    std::string all;
    for (std::size_t i = 0; i < count; ++i) all += text;
    return all;
}

std::vector<attribute_type> types_in(const std::vector<std::byte>& bytes) {
    std::vector<attribute_type> types;
    for (const auto& each : stun::message_view::parse(bytes).value().attributes()) types.push_back(each.type);
    return types;
}

}  // namespace

TEST_CASE("RFC 8489 6.3: bytes that are no STUN message are refused with the reason", "[rfc8489]") {
    const auto [what, bytes, error] = GENERATE(table<const char*, std::vector<std::byte>, message_error>({
        {"nothing", {}, message_error::too_short},
        {"19 bytes", hex("00010000 2112a442 000102030405060708090a"), message_error::too_short},
        {"first bit", hex("80010000 2112a442 000102030405060708090a0b"), message_error::not_stun},
        {"second bit", hex("40010000 2112a442 000102030405060708090a0b"), message_error::not_stun},
        {"no cookie", hex("00010000 2112a443 000102030405060708090a0b"), message_error::wrong_cookie},
        {"length of 2", hex("00010002 2112a442 000102030405060708090a0b 0000"), message_error::wrong_length},
        {"more than claimed", hex("00010000 2112a442 000102030405060708090a0b 00000000"),
         message_error::wrong_length},
        {"less than claimed", hex("00010008 2112a442 000102030405060708090a0b 00060000"),
         message_error::wrong_length},
        {"longest length", hex("0001fffc 2112a442 000102030405060708090a0b"), message_error::wrong_length},
        {"value beyond the end", request("00060001"), message_error::malformed_attribute},
        {"longest value", request("0006ffff 00000000"), message_error::malformed_attribute},
        {"fifth byte missing", request("00060005 61626364"), message_error::malformed_attribute},
        {"65 attributes", request(repeated("80220000", 65)), message_error::too_many_attributes},
    }));
    DYNAMIC_SECTION(what) { CHECK(stun::message_view::parse(bytes).error() == error); }
}

TEST_CASE("RFC 8489 14.7: FINGERPRINT is the last attribute", "[rfc8489]") {
    const auto* const body = GENERATE("80280004 00000000 80220000", "80280004 00000000 80280004 00000000");
    CHECK(stun::message_view::parse(request(body)).error() == message_error::fingerprint_not_last);
}

TEST_CASE("RFC 8489 6.3: every cut of a message is refused", "[rfc8489]") {
    const auto bytes = request("00060003 61626300 80220004 61626364");
    REQUIRE(stun::message_view::parse(bytes).has_value());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        CHECK(stun::message_view::parse(std::span{bytes}.first(size)).has_error());
    }
}

TEST_CASE("64 attributes are read, one by one", "[rfc8489]") {
    CHECK(types_in(request(repeated("80220000", 64))).size() == 64);
}

TEST_CASE("RFC 8489 5: method and class are interleaved", "[rfc8489]") {
    const auto [type, method, message_class] = GENERATE(table<unsigned, unsigned, stun::message_class>({
        {0x0001, 0x001, stun::message_class::request},
        {0x0016, 0x006, stun::message_class::indication},
        {0x0103, 0x003, stun::message_class::success_response},
        {0x0119, 0x009, stun::message_class::error_response},
        {0x3eef, 0xfff, stun::message_class::request},
        {0x3fff, 0xfff, stun::message_class::error_response},
    }));
    const auto wire = static_cast<std::uint16_t>(type);
    CHECK(stun::method_of(wire) == static_cast<stun::method>(method));
    CHECK(stun::class_of(wire) == message_class);
    CHECK(stun::message_type(static_cast<stun::method>(method), message_class) == wire);
}

TEST_CASE("every message type survives being taken apart", "[rfc8489]") {
    for (std::uint16_t wire = 0; wire < 0x4000; ++wire) {
        REQUIRE(stun::message_type(stun::method_of(wire), stun::class_of(wire)) == wire);
    }
}

TEST_CASE("RFC 8489 14: the first of two equal attributes wins, and both are iterated", "[rfc8489]") {
    const auto bytes = request("00060001 61000000 00060001 62000000");
    const auto message = stun::message_view::parse(bytes).value();
    CHECK(stun::decode_text(message.find(attribute_type::username).value()) == "a");
    CHECK(types_in(bytes) == std::vector{attribute_type::username, attribute_type::username});
    CHECK_FALSE(message.has(attribute_type::realm));
}

TEST_CASE("an attribute of any type is found, and no other in its place", "[rfc8489]") {
    for (unsigned type = 0; type < 0x10000; type += 0x25) {
        auto bytes = request("00000000");
        bytes[20] = static_cast<std::byte>(type / 256);
        bytes[21] = static_cast<std::byte>(type % 256);
        const auto message = stun::message_view::parse(bytes).value();
        REQUIRE(message.has(static_cast<attribute_type>(type)));
        for (const unsigned other : {type + 1, type + 64, type ^ 0x8000U}) {
            REQUIRE_FALSE(message.has(static_cast<attribute_type>(other)));
        }
    }
}

TEST_CASE("RFC 8489 14: padding may hold anything", "[rfc8489]") {
    const auto bytes = request("00060001 61ffffff");
    CHECK(stun::decode_text(
              stun::message_view::parse(bytes).value().find(attribute_type::username).value()) == "a");
}

TEST_CASE("RFC 8489 14.5 and 14.6: what follows integrity is ignored", "[rfc8489]") {
    const std::string integrity = "00080014" + repeated("00000000", 5);
    const std::string integrity_sha256 = "001c0020" + repeated("00000000", 8);
    const std::string fingerprint = "8028000400000000";
    const std::string lifetime = "000d000400000001";
    const std::string peer = "001200080001000000000000";
    using types = std::vector<attribute_type>;
    const auto [what, body, counted] = GENERATE_COPY(table<const char*, std::string, types>({
        {"LIFETIME and peer", integrity + lifetime + peer, {attribute_type::message_integrity}},
        {"both kinds of integrity",
         integrity + integrity_sha256 + fingerprint,
         {attribute_type::message_integrity, attribute_type::message_integrity_sha256,
          attribute_type::fingerprint}},
        {"between the two kinds",
         integrity + lifetime + integrity_sha256 + lifetime,
         {attribute_type::message_integrity, attribute_type::message_integrity_sha256}},
        {"the older kind after the newer",
         integrity_sha256 + integrity + integrity_sha256 + fingerprint,
         {attribute_type::message_integrity_sha256, attribute_type::fingerprint}},
        {"a second of the same", integrity + integrity, {attribute_type::message_integrity}},
        {"before it", lifetime + integrity, {attribute_type::lifetime, attribute_type::message_integrity}},
    }));
    DYNAMIC_SECTION(what) { CHECK(types_in(request(body)) == counted); }
}

TEST_CASE("RFC 8489 14.5: an appended attribute does not break the integrity before it", "[rfc8489]") {
    const auto key = hex("00112233");
    std::array<std::byte, 128> buffer{};
    stun::message_writer writer{buffer, {}};
    writer.add(attribute_type::username, "user");
    writer.add_message_integrity(key);
    stun::add_lifetime(writer, std::chrono::seconds{1});
    const auto message = stun::message_view::parse(writer.message()).value();
    CHECK(stun::has_valid_message_integrity(message, key));
    CHECK_FALSE(message.has(attribute_type::lifetime));
}

TEST_CASE("RFC 8489 6.3: unknown comprehension-required attributes are listed, in order and bounded",
          "[rfc8489]") {
    const auto understands_username = [](attribute_type type) { return type == attribute_type::username; };
    const auto some = request("00060000 7fff0000 80000000 ffff0000 00000000");
    const auto unknown =
        stun::unknown_comprehension_required(stun::message_view::parse(some).value(), understands_username);
    REQUIRE(unknown.size() == 2);
    CHECK(unknown[0] == static_cast<attribute_type>(0x7fff));
    CHECK(unknown[1] == static_cast<attribute_type>(0x0000));

    const auto many = request(repeated("7ffe0000", 64));
    CHECK(stun::unknown_comprehension_required(stun::message_view::parse(many).value(), understands_username)
              .size() == stun::unknown_attributes_max);
}

TEST_CASE("RFC 8489 14.7: a checksum of another length is wrong", "[rfc8489]") {
    const auto* const body = GENERATE("80280000", "80280003 00000000", "80280008 00000000 00000000");
    const auto bytes = request(body);
    CHECK(stun::check_fingerprint(stun::message_view::parse(bytes).value()) ==
          stun::fingerprint_state::wrong);
}
