#include "relay/stun/attributes.hpp"

#include "relay/stun/error_code.hpp"
#include "tests/common/crypto/hex.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <vector>

using namespace turnix;
using stun::attribute_type;
using test::hex;

namespace {

// The one attribute that `write` makes, as it stands on the wire.
template <class Write>
std::vector<std::byte> written(Write write) {
    std::array<std::byte, 128> buffer{};
    stun::message_writer writer{buffer, {}};
    write(writer);
    const auto body = writer.message().subspan(stun::header_bytes);
    return {body.begin(), body.end()};
}

std::vector<std::byte> value_of(const std::vector<std::byte>& attribute) {
    return {attribute.begin() + 4, attribute.end()};
}

}  // namespace

TEST_CASE("RFC 8489 14.1 and 14.2: addresses survive both forms", "[rfc8489]") {
    const auto [text, plain, masked] = GENERATE(table<const char*, const char*, const char*>({
        {"192.0.2.1:32853", "00018055 c0000201", "0001a147 e112a643"},
        {"[2001:db8::1]:9", "00020009 20010db8000000000000000000000001",
         "0002211b 0113a9fa000000000000000000000001"},
    }));
    const auto endpoint = net::endpoint::parse(text).value();
    const auto address =
        written([&](auto& to) { stun::add_address(to, attribute_type::mapped_address, endpoint); });
    CHECK(value_of(address) == hex(plain));
    CHECK(stun::decode_address(hex(plain)) == endpoint);

    const auto xor_address =
        written([&](auto& to) { stun::add_xor_address(to, attribute_type::xor_mapped_address, endpoint); });
    CHECK(value_of(xor_address) == hex(masked));
    CHECK(stun::decode_xor_address(hex(masked), {}) == endpoint);
}

TEST_CASE("RFC 8489 14.2: an address of an unknown family or another length is none", "[rfc8489]") {
    const auto* const value =
        GENERATE("", "0001", "00010000", "00010000 c00002", "00010000 c000020100", "00020000 c0000201",
                 "00000000 c0000201", "00030000 c0000201", "00010000 20010db8000000000000000000000001",
                 "00020000 20010db80000000000000000000000");
    CHECK_FALSE(stun::decode_address(hex(value)).has_value());
    CHECK_FALSE(stun::decode_xor_address(hex(value), {}).has_value());
}

TEST_CASE("RFC 8489 14.8: the error code is split in hundreds and the rest", "[rfc8489]") {
    const auto [code, value] = GENERATE(table<stun::error_code, const char*>({
        {stun::error_code::try_alternate, "00000300"},
        {stun::error_code::stale_nonce, "00000426"},
        {stun::error_code::insufficient_capacity, "00000508"},
    }));
    const auto attribute = written([&](auto& to) { stun::add_error_code(to, code); });
    CHECK(value_of(attribute) == hex(value));
    CHECK(stun::decode_error_code(hex(value)) == code);
    CHECK_FALSE(stun::to_string(code).empty());
}

TEST_CASE("RFC 8489 14.8: reserved bits and the phrase are no part of the code, and 299 is no code",
          "[rfc8489]") {
    CHECK(stun::decode_error_code(hex("fffffc01 53746f70")) == stun::error_code::unauthenticated);
    const auto* const value = GENERATE("", "000004", "00000263", "00000700", "00000464");
    CHECK_FALSE(stun::decode_error_code(hex(value)).has_value());
}

TEST_CASE("RFC 8656 18.12: ADDRESS-ERROR-CODE names the family", "[rfc8656]") {
    CHECK(written([](auto& to) {
              stun::add_address_error_code(to, net::family::ipv6,
                                           stun::error_code::address_family_not_supported);
          }) == hex("80010004 02000428"));
}

TEST_CASE("RFC 8656 18: numbers are written and read as the RFC lays them out", "[rfc8656]") {
    CHECK(written([](auto& to) { stun::add_lifetime(to, std::chrono::seconds{600}); }) ==
          hex("000d0004 00000258"));
    CHECK(stun::decode_lifetime(hex("ffffffff")) == std::chrono::seconds{4294967295});
    CHECK(written([](auto& to) { stun::add_lifetime(to, std::chrono::hours{2'000'000}); }) ==
          hex("000d0004 ffffffff"));

    CHECK(written([](auto& to) { stun::add_channel_number(to, {0x4abc}); }) == hex("000c0004 4abc0000"));
    CHECK(stun::decode_channel_number(hex("4abcffff")) == stun::channel_number{0x4abc});

    CHECK(written([](auto& to) { stun::add_requested_transport(to, stun::transport_protocol::udp); }) ==
          hex("00190004 11000000"));
    CHECK(stun::decode_requested_transport(hex("06ffffff")) == stun::transport_protocol::tcp);

    CHECK(written([](auto& to) {
              stun::add_address_family(to, attribute_type::requested_address_family, net::family::ipv6);
          }) == hex("00170004 02000000"));
    CHECK(stun::from_wire(stun::decode_address_family(hex("01000000")).value()) == net::family::ipv4);
    CHECK_FALSE(stun::from_wire(stun::decode_address_family(hex("03000000")).value()).has_value());

    CHECK(written([](auto& to) { stun::add_even_port(to, true); }) == hex("00180001 80000000"));
    CHECK(written([](auto& to) { stun::add_even_port(to, false); }) == hex("00180001 00000000"));
    CHECK(stun::decode_even_port(hex("ff")) == true);
    CHECK(stun::decode_even_port(hex("7f")) == false);

    CHECK(stun::decode_reservation_token(hex("0102030405060708")).value()[7] == std::byte{8});

    CHECK(written([](auto& to) { stun::add_icmp(to, {.type = 3, .code = 4, .data = 1280}); }) ==
          hex("80040008 0000 0604 00000500"));
}

TEST_CASE("RFC 8656 18: a value of another length is none", "[rfc8656]") {
    const auto size = GENERATE(std::size_t{0}, 1U, 2U, 3U, 4U, 5U, 7U, 8U, 9U);
    const std::vector<std::byte> value(size);
    CHECK(stun::decode_lifetime(value).has_value() == (size == 4));
    CHECK(stun::decode_channel_number(value).has_value() == (size == 4));
    CHECK(stun::decode_requested_transport(value).has_value() == (size == 4));
    CHECK(stun::decode_address_family(value).has_value() == (size == 4));
    CHECK(stun::decode_even_port(value).has_value() == (size == 1));
    CHECK(stun::decode_reservation_token(value).has_value() == (size == 8));
}

TEST_CASE("RFC 8656 12: channel numbers end at 0x4FFF", "[rfc8656]") {
    const auto [number, valid] = GENERATE(table<unsigned, bool>(
        {{0, false}, {0x3fff, false}, {0x4000, true}, {0x4fff, true}, {0x5000, false}, {0x7fff, false}}));
    CHECK(stun::channel_number{static_cast<std::uint16_t>(number)}.is_valid() == valid);
}

TEST_CASE("RFC 5780 7.2: CHANGE-REQUEST has a bit for the address and one for the port", "[rfc5780]") {
    const auto [address, port, value] = GENERATE(table<bool, bool, const char*>({
        {false, false, "00000000"},
        {false, true, "00000002"},
        {true, false, "00000004"},
        {true, true, "00000006"},
    }));
    CHECK(written([&, a = address, p = port](auto& to) {
              stun::add_change_request(to, {.address = a, .port = p});
          }) == hex("00030004" + std::string{value}));
    const auto decoded = stun::decode_change_request(hex(value)).value();
    CHECK(decoded.address == address);
    CHECK(decoded.port == port);
    CHECK_FALSE(stun::decode_change_request(hex("0000000600")));
    CHECK_FALSE(stun::decode_change_request({}));
}

TEST_CASE("RFC 8489 14.13: UNKNOWN-ATTRIBUTES is padded to whole words", "[rfc8489]") {
    stun::unknown_attributes unknown;
    unknown.push_back(attribute_type::password_algorithm);
    CHECK(written([&](auto& to) { stun::add_unknown_attributes(to, unknown); }) == hex("000a0002 001d0000"));
}

TEST_CASE("RFC 8489 9.2.4: the echoed algorithms must be the offered ones", "[rfc8489]") {
    constexpr std::array offered{stun::password_algorithm::sha256, stun::password_algorithm::md5};
    CHECK(written([&](auto& to) { stun::add_password_algorithms(to, offered); }) ==
          hex("80020008 00020000 00010000"));
    CHECK(stun::is_password_algorithms(hex("00020000 00010000"), offered));
    const auto* const changed = GENERATE("", "00020000", "00010000 00020000", "00020000 00010000 00010000",
                                         "00020000 00010001", "00020000 000100");
    CHECK_FALSE(stun::is_password_algorithms(hex(changed), offered));
}

TEST_CASE("RFC 8489 14.12: PASSWORD-ALGORITHM is read with the parameters it announces", "[rfc8489]") {
    CHECK(stun::decode_password_algorithm(hex("00010000")) == stun::password_algorithm::md5);
    const auto* const value = GENERATE("", "0001", "00010001", "0001000000");
    CHECK_FALSE(stun::decode_password_algorithm(hex(value)).has_value());
}
