// Writes one STUN message into a buffer of the caller (RFC 8489 §5, §14).
//
// What does not fit, in the buffer or in the 16-bit length, makes the whole message empty; nothing throws and
// nothing allocates. The attributes of other headers write through `add`.
#pragma once

#include "relay/stun/attribute_type.hpp"
#include "relay/stun/bytes.hpp"
#include "relay/stun/message_header.hpp"

#include <cstddef>
#include <span>
#include <string_view>

namespace turnix::stun {

class message_writer {
  public:
    message_writer(std::span<std::byte> buffer, const message_header& header) noexcept;

    /// Appends an attribute and pads it with zeros.
    void add(attribute_type type, std::span<const std::byte> value) noexcept;
    void add(attribute_type type, std::string_view text) noexcept;

    /// Appends the four header bytes of a last attribute whose value the caller sends after `message()`, with
    /// zero bytes up to a multiple of four: the length counts both. Nothing can be added after it.
    void add_detached(attribute_type type, std::size_t value_bytes) noexcept;

    /// Over all that was added before, with HMAC-SHA1 (RFC 8489 §14.5).
    void add_message_integrity(std::span<const std::byte> key) noexcept;
    /// Over all that was added before, with the whole HMAC-SHA256 (RFC 8489 §14.6).
    void add_message_integrity_sha256(std::span<const std::byte> key) noexcept;
    /// Must come last (RFC 8489 §14.7).
    void add_fingerprint() noexcept;

    [[nodiscard]] const message_header& header() const noexcept { return header_; }
    /// The message; empty when something did not fit.
    [[nodiscard]] std::span<const std::byte> message() const noexcept;

  private:
    void add_header(attribute_type type, std::size_t value_bytes) noexcept;
    // Lets the length field count an attribute that comes next: MACs and the checksum cover it that way.
    void announce(std::size_t attribute_bytes) noexcept;

    message_header header_;
    byte_writer out_;
    std::size_t body_bytes_{0};
    bool failed_{false};
    bool closed_{false};
};

}  // namespace turnix::stun
