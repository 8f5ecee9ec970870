// Reads and writes fixed-width fields in network order, for the claims codec. A read past the end fails once
// and for good, so that a decoder is a list of fields and asks at the end.
#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <ranges>
#include <span>

namespace turnix::credential {

class field_writer {
  public:
    /// `into` is large enough for everything that will be written.
    explicit field_writer(std::span<std::byte> into) noexcept : into_{into} {}

    /// The next `count` bytes, for the caller to fill.
    std::span<std::byte> claim(std::size_t count) noexcept {
        assert(count <= into_.size() - used_);
        const auto claimed = into_.subspan(used_, count);
        used_ += count;
        return claimed;
    }
    void bytes(std::span<const std::uint8_t> bytes) noexcept {
        std::ranges::copy(std::as_bytes(bytes), claim(bytes.size()).begin());
    }
    /// The low `width` bytes of `value`.
    void integer(std::uint64_t value, std::size_t width) noexcept {
        for (auto& byte : std::views::reverse(claim(width))) {
            byte = static_cast<std::byte>(value);
            value >>= 8U;
        }
    }

    [[nodiscard]] std::span<const std::byte> written() const noexcept { return into_.first(used_); }

  private:
    std::span<std::byte> into_;
    std::size_t used_{0};
};

class field_reader {
  public:
    explicit field_reader(std::span<const std::byte> from) noexcept : rest_{from} {}

    /// Empty after a failure.
    std::span<const std::byte> take(std::size_t count) noexcept {
        if (count > rest_.size()) fail();
        if (failed_) return {};
        const auto taken = rest_.first(count);
        rest_ = rest_.subspan(count);
        return taken;
    }
    /// Zeros after a failure.
    template <std::size_t Count>
    std::array<std::uint8_t, Count> bytes() noexcept {
        std::array<std::uint8_t, Count> read{};
        std::ranges::copy(take(Count), std::as_writable_bytes(std::span{read}).begin());
        return read;
    }
    /// Zero after a failure. `width` is 8 at most.
    std::uint64_t integer(std::size_t width) noexcept {
        std::uint64_t value = 0;
        for (const auto byte : take(width)) value = (value << 8U) | std::to_integer<std::uint64_t>(byte);
        return value;
    }

    /// For a field whose value is none that its writer makes.
    void fail() noexcept { failed_ = true; }
    [[nodiscard]] bool failed() const noexcept { return failed_; }
    /// Everything was read, and nothing failed.
    [[nodiscard]] bool complete() const noexcept { return !failed_ && rest_.empty(); }

  private:
    std::span<const std::byte> rest_;
    bool failed_{false};
};

}  // namespace turnix::credential
