#include "relay/stun/integrity.hpp"

#include "common/crypto/compare.hpp"
#include "relay/stun/bytes.hpp"

#include <array>

namespace turnix::stun {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) noexcept { return std::as_bytes(std::span{text}); }

// What a MAC in `own` covers: the message before it, with a length field that ends with it (RFC 8489 §14.5).
struct covered_bytes {
    std::span<const std::byte> type;
    std::array<std::byte, 2> length;
    std::span<const std::byte> rest;
};

covered_bytes covered_by(const message_view& message, const attribute& own) noexcept {
    const auto before = message.bytes_before(own);
    covered_bytes covered{before.first(2), {}, before.subspan(4)};
    byte_writer{covered.length}.u16(
        static_cast<std::uint16_t>(before.size() - header_bytes + attribute_header_bytes + own.value.size()));
    return covered;
}

std::optional<attribute> first_of(const message_view& message, attribute_type type) noexcept {
    for (const auto& each : message.attributes()) {
        if (each.type == type) return each;
    }
    return std::nullopt;
}

}  // namespace

crypto::md5_digest long_term_key_md5(const long_term_credential& credential) noexcept {
    return crypto::md5({bytes_of(credential.username), bytes_of(":"), bytes_of(credential.realm),
                        bytes_of(":"), bytes_of(credential.password)});
}

crypto::sha256_digest long_term_key_sha256(const long_term_credential& credential) noexcept {
    return crypto::sha256({bytes_of(credential.username), bytes_of(":"), bytes_of(credential.realm),
                           bytes_of(":"), bytes_of(credential.password)});
}

crypto::sha256_digest user_hash(std::string_view username, std::string_view realm) noexcept {
    return crypto::sha256({bytes_of(username), bytes_of(":"), bytes_of(realm)});
}

bool has_valid_message_integrity(const message_view& message, std::span<const std::byte> key) noexcept {
    const auto own = first_of(message, attribute_type::message_integrity);
    if (!own) return false;
    const auto covered = covered_by(message, *own);
    const auto mac = crypto::hmac_sha1(key, {covered.type, covered.length, covered.rest});
    return crypto::equal_in_constant_time(own->value, mac);
}

bool has_valid_message_integrity_sha256(const message_view& message,
                                        std::span<const std::byte> key) noexcept {
    const auto own = first_of(message, attribute_type::message_integrity_sha256);
    if (!own) return false;
    const auto covered = covered_by(message, *own);
    const auto mac = crypto::hmac_sha256(key, {covered.type, covered.length, covered.rest});
    return crypto::equal_in_constant_time(own->value, mac);
}

}  // namespace turnix::stun
