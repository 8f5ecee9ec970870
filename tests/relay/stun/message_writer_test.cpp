#include "relay/stun/message_writer.hpp"

#include "relay/stun/attributes.hpp"
#include "relay/stun/error_code.hpp"
#include "relay/stun/fingerprint.hpp"
#include "relay/stun/integrity.hpp"
#include "relay/stun/message_view.hpp"
#include "tests/common/crypto/hex.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

using namespace turnix;
using stun::attribute_type;
using test::hex;

namespace {

std::vector<std::byte> listed(std::span<const std::byte> bytes) { return {bytes.begin(), bytes.end()}; }

const stun::message_header allocate{stun::method::allocate, stun::message_class::request, {}};

}  // namespace

TEST_CASE("an empty message is a header, with the class asked for", "[rfc8489]") {
    std::array<std::byte, stun::header_bytes> buffer{};
    CHECK(listed(stun::message_writer{buffer, allocate.success()}.message()) ==
          hex("01030000 2112a442 000000000000000000000000"));
    CHECK(listed(stun::message_writer{buffer, allocate.error()}.message()) ==
          hex("01130000 2112a442 000000000000000000000000"));
}

TEST_CASE("RFC 8489 14: padding is zero, whatever the buffer held", "[rfc8489]") {
    const auto [text, expected] = GENERATE(table<std::string, const char*>({
        {"", "00060000"},
        {"a", "00060001 61000000"},
        {"abc", "00060003 61626300"},
        {"abcd", "00060004 61626364"},
        {"abcde", "00060005 61626364 65000000"},
    }));
    std::vector<std::byte> buffer(64, std::byte{0xff});
    stun::message_writer writer{buffer, allocate};
    writer.add(attribute_type::username, text);
    CHECK(listed(writer.message().subspan(stun::header_bytes)) == hex(expected));
    CHECK(stun::message_view::parse(writer.message()).has_value());
}

TEST_CASE("a message that does not fit its buffer is empty, at every size", "[rfc8489]") {
    const auto write = [](std::span<std::byte> buffer) {
        stun::message_writer writer{buffer, allocate};
        writer.add(attribute_type::username, "user");
        stun::add_error_code(writer, stun::error_code::stale_nonce);
        writer.add_message_integrity({});
        writer.add_message_integrity_sha256({});
        writer.add_fingerprint();
        return writer.message().size();
    };
    std::vector<std::byte> buffer(20 + 8 + 8 + 24 + 36 + 8);
    CHECK(write(buffer) == buffer.size());
    for (std::size_t size = 0; size < buffer.size(); ++size) CHECK(write(std::span{buffer}.first(size)) == 0);
}

TEST_CASE("RFC 8489 5: the length field ends at 65532 and does not wrap", "[rfc8489]") {
    std::vector<std::byte> buffer(200'000);
    const auto [value_bytes, fits] = GENERATE(table<std::size_t, bool>(
        {{65527, true}, {65528, true}, {65529, false}, {65535, false}, {65536, false}, {131072, false}}));
    stun::message_writer one{buffer, allocate};
    one.add(attribute_type::data, std::vector<std::byte>(value_bytes));
    CHECK(one.message().empty() != fits);
    CHECK(stun::message_view::parse(one.message()).has_value() == fits);

    stun::message_writer two{buffer, allocate};
    two.add(attribute_type::data, std::vector<std::byte>(value_bytes));
    two.add(attribute_type::software, "");
    CHECK(two.message().empty());
}

TEST_CASE("a detached value makes the same message as an attached one", "[rfc8656]") {
    const auto payload = hex("0102030405");
    std::array<std::byte, 64> attached_buffer{};
    stun::message_writer attached{attached_buffer, allocate};
    attached.add(attribute_type::data, payload);

    std::array<std::byte, 24> detached_buffer{};
    stun::message_writer detached{detached_buffer, allocate};
    detached.add_detached(attribute_type::data, payload.size());
    auto bytes = listed(detached.message());
    bytes.insert(bytes.end(), payload.begin(), payload.end());
    bytes.resize(bytes.size() + stun::padding_after(payload.size()));
    CHECK(bytes == listed(attached.message()));

    detached.add(attribute_type::software, "nothing comes after it");
    CHECK(detached.message().empty());
}

TEST_CASE("RFC 8489 14: a payload that no 16-bit length can count is not announced", "[rfc8656]") {
    std::array<std::byte, 64> buffer{};
    stun::message_writer writer{buffer, allocate};
    stun::add_xor_address(writer, attribute_type::xor_peer_address,
                          net::endpoint::parse("[2001:db8::1]:9").value());
    writer.add_detached(attribute_type::data, 65507);
    CHECK(writer.message().empty());
}

TEST_CASE("what is written with integrity and checksum is read with both", "[rfc8489]") {
    const auto key = hex("00112233445566778899aabbccddeeff");
    std::array<std::byte, 256> buffer{};
    stun::message_writer writer{buffer, allocate};
    writer.add(attribute_type::username, "user");
    writer.add_message_integrity(key);
    writer.add_message_integrity_sha256(key);
    writer.add_fingerprint();
    const auto message = stun::message_view::parse(writer.message()).value();
    CHECK(message.header() == allocate);
    CHECK(stun::has_valid_message_integrity(message, key));
    CHECK(stun::has_valid_message_integrity_sha256(message, key));
    CHECK(stun::check_fingerprint(message) == stun::fingerprint_state::correct);
}
