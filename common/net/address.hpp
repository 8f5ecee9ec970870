// IP addresses as plain values: 16 bytes and a family, no system types, cheap to copy, compare and hash.
#pragma once

#include "common/net/result.hpp"

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace turnix::net {

enum class family : std::uint8_t { ipv4 = 4, ipv6 = 6 };

/// "IPv4" or "IPv6".
std::string_view to_string(family value) noexcept;

enum class parse_error : std::uint8_t {
    not_an_address,
    not_an_endpoint,
    not_a_prefix,
    prefix_too_long,
    host_bits_set,
};

/// One sentence for people, without the offending text.
std::string_view to_string(parse_error value) noexcept;
/// What result::value() throws, outside the data path: std::invalid_argument with the sentence.
[[noreturn]] void throw_exception_from_error(parse_error error, const boost::source_location& where);

/// An IPv4 or IPv6 address, as it stands on the wire: nothing is folded together here (::ffff:192.0.2.1 and
/// 192.0.2.1 differ); what the peer policy treats alike is decided in relay/turn.
class address {
  public:
    using v4_bytes = std::array<std::uint8_t, 4>;
    using v6_bytes = std::array<std::uint8_t, 16>;

    /// 0.0.0.0
    constexpr address() noexcept = default;
    constexpr explicit address(const v4_bytes& bytes) noexcept : family_{family::ipv4} {
        for (std::size_t i = 0; i < bytes.size(); ++i) bytes_[i] = bytes[i];
    }
    constexpr explicit address(const v6_bytes& bytes) noexcept : bytes_{bytes}, family_{family::ipv6} {}

    /// Reads the textual forms of RFC 4291 and dotted quads with four decimal parts; no zone, no brackets.
    static result<address, parse_error> parse(std::string_view text) noexcept;
    static constexpr address unspecified(net::family of) noexcept {
        return of == net::family::ipv4 ? address{v4_bytes{}} : address{v6_bytes{}};
    }

    [[nodiscard]] constexpr net::family family() const noexcept { return family_; }
    [[nodiscard]] constexpr bool is_v4() const noexcept { return family_ == net::family::ipv4; }
    [[nodiscard]] constexpr bool is_v6() const noexcept { return family_ == net::family::ipv6; }
    /// 4 or 16 bytes in network order.
    [[nodiscard]] constexpr std::span<const std::uint8_t> bytes() const noexcept {
        return std::span{bytes_}.first(is_v4() ? 4U : 16U);
    }
    [[nodiscard]] bool is_unspecified() const noexcept;
    /// 127.0.0.0/8 or ::1.
    [[nodiscard]] bool is_loopback() const noexcept;
    /// RFC 5952 form.
    [[nodiscard]] std::string to_string() const;

    friend constexpr auto operator<=>(const address&, const address&) noexcept = default;

  private:
    v6_bytes bytes_{};
    net::family family_{net::family::ipv4};
};

}  // namespace turnix::net

template <>
struct std::hash<turnix::net::address> {
    std::size_t operator()(const turnix::net::address& value) const noexcept;
};
