#include "relay/stun/message_writer.hpp"

#include "common/crypto/digest.hpp"
#include "relay/stun/fingerprint.hpp"

#include <array>

namespace turnix::stun {
namespace {

constexpr std::size_t length_offset = 2;

}  // namespace

message_writer::message_writer(std::span<std::byte> buffer, const message_header& header) noexcept
    : header_{header}, out_{buffer} {
    out_.u16(message_type(header.method, header.message_class));
    out_.u16(0);
    out_.u32(magic_cookie);
    out_.bytes(header.transaction_id.bytes);
}

void message_writer::add(attribute_type type, std::span<const std::byte> value) noexcept {
    add_header(type, value.size());
    out_.bytes(value);
    out_.zeros(padding_after(value.size()));
}

void message_writer::add(attribute_type type, std::string_view text) noexcept {
    add(type, std::as_bytes(std::span{text}));
}

void message_writer::add_detached(attribute_type type, std::size_t value_bytes) noexcept {
    add_header(type, value_bytes);
    closed_ = true;
}

void message_writer::add_message_integrity(std::span<const std::byte> key) noexcept {
    announce(attribute_header_bytes + sizeof(crypto::sha1_digest));
    add(attribute_type::message_integrity, crypto::hmac_sha1(key, {out_.written()}));
}

void message_writer::add_message_integrity_sha256(std::span<const std::byte> key) noexcept {
    announce(attribute_header_bytes + sizeof(crypto::sha256_digest));
    add(attribute_type::message_integrity_sha256, crypto::hmac_sha256(key, {out_.written()}));
}

void message_writer::add_fingerprint() noexcept {
    std::array<std::byte, sizeof(std::uint32_t)> value{};
    announce(attribute_header_bytes + value.size());
    byte_writer{value}.u32(fingerprint_of(out_.written()));
    add(attribute_type::fingerprint, value);
}

std::span<const std::byte> message_writer::message() const noexcept {
    if (failed_ || out_.failed()) return {};
    return out_.written();
}

void message_writer::add_header(attribute_type type, std::size_t value_bytes) noexcept {
    failed_ = failed_ || closed_ || value_bytes > body_bytes_max;
    if (failed_) return;
    const auto bytes = attribute_header_bytes + value_bytes + padding_after(value_bytes);
    announce(bytes);
    body_bytes_ += bytes;
    out_.u16(static_cast<std::uint16_t>(type));
    out_.u16(static_cast<std::uint16_t>(value_bytes));
}

void message_writer::announce(std::size_t attribute_bytes) noexcept {
    failed_ = failed_ || out_.failed() || attribute_bytes > body_bytes_max - body_bytes_;
    if (failed_) return;
    byte_writer{out_.written().subspan(length_offset)}.u16(
        static_cast<std::uint16_t>(body_bytes_ + attribute_bytes));
}

}  // namespace turnix::stun
