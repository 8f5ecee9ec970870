// Numbers in network order out of and into byte sequences: the only place of the relay that shifts bytes.
//
// Both keep a sticky failure instead of reporting each step: a reader past its end yields zeros, a writer
// past its end writes nothing more, and the caller asks once when it is done.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <ranges>
#include <span>

namespace turnix::stun {

class byte_reader {
  public:
    constexpr explicit byte_reader(std::span<const std::byte> bytes) noexcept : rest_{bytes} {}

    constexpr std::uint8_t u8() noexcept { return static_cast<std::uint8_t>(number(1)); }
    constexpr std::uint16_t u16() noexcept { return static_cast<std::uint16_t>(number(2)); }
    constexpr std::uint32_t u32() noexcept { return number(4); }

    /// The next `count` bytes; none, and failed, when fewer are left.
    constexpr std::span<const std::byte> take(std::size_t count) noexcept {
        if (count > rest_.size()) {
            failed_ = true;
            rest_ = {};
            return {};
        }
        const auto taken = rest_.first(count);
        rest_ = rest_.subspan(count);
        return taken;
    }

    /// What has not been read yet.
    [[nodiscard]] constexpr std::span<const std::byte> rest() const noexcept { return rest_; }
    /// Was more asked for than there was?
    [[nodiscard]] constexpr bool failed() const noexcept { return failed_; }

  private:
    constexpr std::uint32_t number(std::size_t size) noexcept {
        std::uint32_t value = 0;
        for (const auto byte : take(size)) value = (value << 8U) | std::to_integer<std::uint32_t>(byte);
        return value;
    }

    std::span<const std::byte> rest_;
    bool failed_{false};
};

class byte_writer {
  public:
    constexpr explicit byte_writer(std::span<std::byte> buffer) noexcept : buffer_{buffer} {}

    constexpr void u8(std::uint8_t value) noexcept { number(value, 1); }
    constexpr void u16(std::uint16_t value) noexcept { number(value, 2); }
    constexpr void u32(std::uint32_t value) noexcept { number(value, 4); }
    constexpr void bytes(std::span<const std::byte> value) noexcept {
        const auto place = reserve(value.size());
        if (!failed_) std::ranges::copy(value, place.begin());
    }
    constexpr void zeros(std::size_t count) noexcept { std::ranges::fill(reserve(count), std::byte{0}); }

    [[nodiscard]] constexpr std::span<std::byte> written() const noexcept { return buffer_.first(size_); }
    /// Did something not fit?
    [[nodiscard]] constexpr bool failed() const noexcept { return failed_; }

  private:
    // The place for `count` more bytes; a place for none when they do not fit.
    constexpr std::span<std::byte> reserve(std::size_t count) noexcept {
        failed_ = failed_ || count > buffer_.size() - size_;
        if (failed_) return {};
        const auto place = buffer_.subspan(size_, count);
        size_ += count;
        return place;
    }

    constexpr void number(std::uint32_t value, std::size_t size) noexcept {
        const auto place = reserve(size);
        for (auto& byte : std::views::reverse(place)) {
            byte = static_cast<std::byte>(value & 0xffU);
            value >>= 8U;
        }
    }

    std::span<std::byte> buffer_;
    std::size_t size_{0};
    bool failed_{false};
};

/// How many bytes follow `size` up to the next multiple of four (RFC 8489 §14, RFC 8656 §12.5): 0 to 3.
constexpr std::size_t padding_after(std::size_t size) noexcept { return (4 - size % 4) % 4; }

}  // namespace turnix::stun
