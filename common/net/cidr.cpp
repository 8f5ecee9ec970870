#include "common/net/cidr.hpp"

#include <charconv>

namespace turnix::net {
namespace {

// The part of byte `index` that a prefix of `length` bits covers.
constexpr std::uint8_t mask_of_byte(std::size_t index, std::size_t length) noexcept {
    const std::size_t bits_before = index * 8;
    if (bits_before >= length) return 0;
    const std::size_t bits_here = length - bits_before;
    return static_cast<std::uint8_t>(bits_here >= 8 ? 0xffU : 0xff00U >> bits_here);
}

}  // namespace

result<cidr, parse_error> cidr::parse(std::string_view text) noexcept {
    const auto slash = text.find('/');
    const auto base = address::parse(text.substr(0, slash));
    if (!base) return parse_error::not_a_prefix;
    const auto bits = static_cast<std::uint8_t>(base->bytes().size() * 8);
    if (slash == std::string_view::npos) return cidr{*base, bits};

    const auto digits = text.substr(slash + 1);
    std::uint8_t length{};
    const auto* const end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, length);
    if (digits.empty() || error != std::errc{} || stop != end) return parse_error::not_a_prefix;
    if (length > bits) return parse_error::prefix_too_long;

    const auto bytes = base->bytes();
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if ((bytes[i] & ~mask_of_byte(i, length)) != 0) return parse_error::host_bits_set;
    }
    return cidr{*base, length};
}

bool cidr::contains(const address& candidate) const noexcept {
    if (candidate.family() != prefix_.family()) return false;
    const auto ours = prefix_.bytes();
    const auto theirs = candidate.bytes();
    for (std::size_t i = 0; i * 8 < length_; ++i) {
        if (((ours[i] ^ theirs[i]) & mask_of_byte(i, length_)) != 0) return false;
    }
    return true;
}

std::string cidr::to_string() const { return prefix_.to_string() + '/' + std::to_string(length_); }

}  // namespace turnix::net
