// Address ranges in CIDR notation, the only notation for ranges that the project accepts.
#pragma once

#include "common/net/address.hpp"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace turnix::net {

/// A prefix of one family. Invariant: bits beyond the prefix length are zero.
class cidr {
  public:
    /// 0.0.0.0/0
    constexpr cidr() noexcept = default;
    /// "10.0.0.0/8", "2001:db8::/32"; a bare address is a /32 or /128. Host bits that are set are an error.
    static result<cidr, parse_error> parse(std::string_view text) noexcept;

    [[nodiscard]] bool contains(const address& candidate) const noexcept;
    [[nodiscard]] const address& prefix() const noexcept { return prefix_; }
    [[nodiscard]] std::uint8_t length() const noexcept { return length_; }
    [[nodiscard]] std::string to_string() const;

    friend constexpr auto operator<=>(const cidr&, const cidr&) noexcept = default;

  private:
    constexpr cidr(const address& prefix, std::uint8_t length) noexcept : prefix_{prefix}, length_{length} {}

    address prefix_;
    std::uint8_t length_{0};
};

}  // namespace turnix::net
