#include "relay/stun/address_attribute.hpp"
#include "relay/stun/attributes.hpp"
#include "relay/stun/fingerprint.hpp"
#include "relay/stun/integrity.hpp"
#include "relay/stun/message_view.hpp"
#include "relay/stun/message_writer.hpp"
#include "tests/relay/stun/vectors.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <string_view>

using namespace turnix;
using stun::attribute_type;

namespace {

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span{text}); }

std::string_view text_in(const stun::message_view& message, attribute_type type) {
    return stun::decode_text(message.find(type).value());
}

std::vector<std::byte> listed(std::span<const std::byte> bytes) { return {bytes.begin(), bytes.end()}; }

constexpr stun::long_term_credential long_term{.username = test::long_term_username,
                                               .realm = test::long_term_realm,
                                               .password = test::long_term_password};

}  // namespace

TEST_CASE("RFC 5769 2.1: the sample request is read and its integrity holds", "[rfc5769]") {
    const auto bytes = test::sample_request();
    const auto message = stun::message_view::parse(bytes).value();
    CHECK(message.header().method == stun::method::binding);
    CHECK(message.header().message_class == stun::message_class::request);
    CHECK(text_in(message, attribute_type::software) == "STUN test client");
    CHECK(text_in(message, attribute_type::username) == "evtj:h6vY");
    CHECK(stun::has_valid_message_integrity(message, bytes_of(test::short_term_password)));
    CHECK(stun::check_fingerprint(message) == stun::fingerprint_state::correct);
}

TEST_CASE("RFC 5769 2.2 and 2.3: the sample responses are read and their integrity holds", "[rfc5769]") {
    const auto [bytes, mapped] = GENERATE(table<std::vector<std::byte>, const char*>({
        {test::sample_ipv4_response(), "192.0.2.1:32853"},
        {test::sample_ipv6_response(), "[2001:db8:1234:5678:11:2233:4455:6677]:32853"},
    }));
    const auto message = stun::message_view::parse(bytes).value();
    CHECK(message.header().message_class == stun::message_class::success_response);
    CHECK(text_in(message, attribute_type::software) == "test vector");
    const auto value = message.find(attribute_type::xor_mapped_address).value();
    const auto endpoint = stun::decode_xor_address(value, message.header().transaction_id);
    CHECK(endpoint == net::endpoint::parse(mapped).value());
    CHECK(stun::has_valid_message_integrity(message, bytes_of(test::short_term_password)));
    CHECK(stun::check_fingerprint(message) == stun::fingerprint_state::correct);
}

TEST_CASE("RFC 5769 2.4: the long-term request holds under the MD5 key", "[rfc5769]") {
    const auto bytes = test::sample_long_term_request();
    const auto message = stun::message_view::parse(bytes).value();
    CHECK(text_in(message, attribute_type::username) == test::long_term_username);
    CHECK(text_in(message, attribute_type::realm) == test::long_term_realm);
    CHECK(text_in(message, attribute_type::nonce) == "f//499k954d6OL34oL9FSTvy64sA");
    CHECK(stun::has_valid_message_integrity(message, stun::long_term_key_md5(long_term)));
    CHECK(stun::check_fingerprint(message) == stun::fingerprint_state::absent);
}

TEST_CASE("RFC 8489 B.1: the sample request holds under the SHA-256 key", "[rfc8489]") {
    const auto bytes = test::sample_sha256_request();
    const auto message = stun::message_view::parse(bytes).value();
    CHECK(stun::has_valid_message_integrity_sha256(message, stun::long_term_key_sha256(long_term)));
    CHECK(stun::decode_password_algorithm(message.find(attribute_type::password_algorithm).value()) ==
          stun::password_algorithm::sha256);
}

TEST_CASE("RFC 5769 2.4 and RFC 8489 B.1: the writer makes the same bytes", "[rfc5769]") {
    std::array<std::byte, 256> buffer{};
    const auto long_term_bytes = test::sample_long_term_request();
    const auto header = stun::message_view::parse(long_term_bytes).value().header();

    stun::message_writer md5{buffer, header};
    md5.add(attribute_type::username, test::long_term_username);
    md5.add(attribute_type::nonce, "f//499k954d6OL34oL9FSTvy64sA");
    md5.add(attribute_type::realm, test::long_term_realm);
    md5.add_message_integrity(stun::long_term_key_md5(long_term));
    CHECK(listed(md5.message()) == long_term_bytes);

    const auto sha256_bytes = test::sample_sha256_request();
    const auto sample = stun::message_view::parse(sha256_bytes).value();
    stun::message_writer sha256{buffer, header};
    sha256.add(attribute_type::userhash, sample.find(attribute_type::userhash).value());
    sha256.add(attribute_type::nonce, "obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA");
    sha256.add(attribute_type::realm, test::long_term_realm);
    stun::add_password_algorithm(sha256, stun::password_algorithm::sha256);
    sha256.add_message_integrity_sha256(stun::long_term_key_sha256(long_term));
    CHECK(listed(sha256.message()) == sha256_bytes);
}

TEST_CASE("a change in any byte of the sample request is noticed", "[rfc8489]") {
    const auto original = test::sample_request();
    constexpr std::size_t fingerprint_bytes = 8;
    for (std::size_t position = 0; position < original.size(); ++position) {
        auto bytes = original;
        bytes[position] ^= std::byte{0x40};
        const auto message = stun::message_view::parse(bytes);
        if (!message) continue;
        CAPTURE(position);
        CHECK(stun::check_fingerprint(*message) != stun::fingerprint_state::correct);
        const auto has_integrity =
            stun::has_valid_message_integrity(*message, bytes_of(test::short_term_password));
        // RFC 8489 14.5: what follows MESSAGE-INTEGRITY is not covered by it.
        CHECK(has_integrity == (position >= original.size() - fingerprint_bytes));
    }
}

TEST_CASE("RFC 8489 14.5: a wrong key, no attribute and a MAC of another length are no integrity",
          "[rfc8489]") {
    const auto key = bytes_of(test::short_term_password);
    const auto with = test::sample_request();
    const auto without = test::hex("00010000 2112a442 b7e7a701bc34d686fa87dfae");
    const auto empty = test::hex("00010004 2112a442 b7e7a701bc34d686fa87dfae 00080000");
    CHECK_FALSE(stun::has_valid_message_integrity(stun::message_view::parse(with).value(), key.first(21)));
    CHECK_FALSE(stun::has_valid_message_integrity(stun::message_view::parse(with).value(), {}));
    CHECK_FALSE(stun::has_valid_message_integrity(stun::message_view::parse(without).value(), key));
    CHECK_FALSE(stun::has_valid_message_integrity(stun::message_view::parse(empty).value(), key));
}

TEST_CASE("RFC 8489 14.6: no MAC is cut short, since RFC 8656 does not allow it", "[rfc8489]") {
    const auto key = stun::long_term_key_sha256(long_term);
    const auto [size, accepted] = GENERATE(table<std::size_t, bool>(
        {{0, false}, {16, false}, {20, false}, {28, false}, {31, false}, {32, true}, {36, false}}));

    std::array<std::byte, 128> buffer{};
    stun::message_writer writer{buffer, {}};
    const std::vector<std::byte> blank(size);
    writer.add(attribute_type::message_integrity_sha256, blank);
    const auto message = stun::message_view::parse(writer.message()).value();
    const auto mac = crypto::hmac_sha256(key, {writer.message().first(stun::header_bytes)});
    std::vector<std::byte> bytes = listed(message.bytes());
    std::copy_n(mac.begin(), std::min(size, mac.size()), bytes.begin() + stun::header_bytes + 4);

    CHECK(stun::has_valid_message_integrity_sha256(stun::message_view::parse(bytes).value(), key) ==
          accepted);
}
