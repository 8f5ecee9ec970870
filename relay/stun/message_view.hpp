// A received STUN message, read in place (RFC 8489 §5, §6.3, §14).
//
// A view exists only for bytes whose structure is sound, so that whoever holds one need not check lengths of
// the message again; what stands in an attribute is checked when the attribute is decoded. It points into the
// bytes that were parsed and is as short-lived as they are. No allocation, any thread.
#pragma once

#include "common/net/result.hpp"
#include "relay/stun/attribute_type.hpp"
#include "relay/stun/message_header.hpp"

#include <boost/container/static_vector.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <ranges>
#include <span>
#include <string_view>

namespace turnix::stun {

/// Why bytes are no STUN message. None of these is ever answered.
enum class message_error : std::uint8_t {
    too_short,             ///< fewer than 20 bytes
    not_stun,              ///< one of the first two bits is set
    wrong_cookie,          ///< not 0x2112A442: noise, or RFC 3489
    wrong_length,          ///< not a multiple of four, or not what was received
    malformed_attribute,   ///< an attribute reaches beyond the message
    too_many_attributes,   ///< more than attributes_max
    fingerprint_not_last,  ///< RFC 8489 §14.7
};

std::string_view to_string(message_error value) noexcept;
/// What result::value() throws, outside the data path: std::invalid_argument with the sentence.
[[noreturn]] void throw_exception_from_error(message_error error, const boost::source_location& where);

/// A CreatePermission names as many peers as it likes within this.
inline constexpr std::size_t attributes_max = 64;

struct attribute {
    attribute_type type{};
    std::span<const std::byte> value;  ///< without padding
};

/// Steps through the attributes that count: those after MESSAGE-INTEGRITY are passed over, except
/// MESSAGE-INTEGRITY-SHA256 and FINGERPRINT, and after MESSAGE-INTEGRITY-SHA256 all but FINGERPRINT
/// (RFC 8489 §14.5, §14.6).
class attribute_iterator {
  public:
    using value_type = attribute;
    using difference_type = std::ptrdiff_t;

    attribute_iterator() noexcept = default;
    explicit attribute_iterator(std::span<const std::byte> body) noexcept : rest_{body} { ++*this; }

    const attribute& operator*() const noexcept { return current_; }
    const attribute* operator->() const noexcept { return &current_; }
    attribute_iterator& operator++() noexcept;
    void operator++(int) noexcept { ++*this; }
    bool operator==(std::default_sentinel_t /*end*/) const noexcept { return at_end_; }

  private:
    [[nodiscard]] bool counts(attribute_type type) const noexcept;

    std::span<const std::byte> rest_;
    attribute current_;
    bool after_integrity_{false};
    bool after_integrity_sha256_{false};
    bool at_end_{false};
};

/// Which types there may be among some attributes. Most of those that a server looks for are not there, and
/// for nearly all of these it says so.
class attribute_type_filter {
  public:
    void add(attribute_type type) noexcept { bits_ |= bit_of(type); }
    [[nodiscard]] bool may_have(attribute_type type) const noexcept { return (bits_ & bit_of(type)) != 0; }

  private:
    static constexpr std::uint64_t bit_of(attribute_type type) noexcept {
        return std::uint64_t{1} << (static_cast<std::uint16_t>(type) % 64U);
    }

    std::uint64_t bits_{0};
};

class message_view {
  public:
    /// `datagram` is one whole datagram or one framed message of a stream, nothing before or after it.
    static result<message_view, message_error> parse(std::span<const std::byte> datagram) noexcept;

    [[nodiscard]] const message_header& header() const noexcept { return header_; }

    /// The attributes that count, in their order.
    [[nodiscard]] auto attributes() const noexcept {
        return std::ranges::subrange{attribute_iterator{bytes_.subspan(header_bytes)}, std::default_sentinel};
    }

    /// The value of the first attribute of that type: later ones are ignored (RFC 8489 §14).
    [[nodiscard]] std::optional<std::span<const std::byte>> find(attribute_type type) const noexcept;
    [[nodiscard]] bool has(attribute_type type) const noexcept { return find(type).has_value(); }

    [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return bytes_; }
    /// The message up to an attribute of its own: what its MAC or checksum covers.
    [[nodiscard]] std::span<const std::byte> bytes_before(const attribute& own) const noexcept;

  private:
    message_view(std::span<const std::byte> bytes, const message_header& header,
                 attribute_type_filter types) noexcept
        : bytes_{bytes}, header_{header}, types_{types} {}

    std::span<const std::byte> bytes_;
    message_header header_;
    attribute_type_filter types_;  ///< of all its attributes
};

/// Bounded, because the answer lists them; more are left out.
inline constexpr std::size_t unknown_attributes_max = 16;
using unknown_attributes = boost::container::static_vector<attribute_type, unknown_attributes_max>;

/// The comprehension-required attributes that the caller does not understand, in their order: an answer with
/// 420 lists them, an indication that has one is dropped (RFC 8489 §6.3.1, §6.3.2).
template <std::predicate<attribute_type> Understood>
[[nodiscard]] unknown_attributes unknown_comprehension_required(const message_view& message,
                                                                Understood understood) noexcept {
    unknown_attributes unknown;
    for (const auto& each : message.attributes()) {
        if (!is_comprehension_required(each.type) || understood(each.type)) continue;
        if (unknown.size() == unknown_attributes_max) break;
        unknown.push_back(each.type);
    }
    return unknown;
}

}  // namespace turnix::stun
