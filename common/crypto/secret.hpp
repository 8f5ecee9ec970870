// Key material that wipes itself and cannot be printed.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace turnix::crypto {

/// Overwrites in a way that the optimiser keeps.
void cleanse(std::span<std::uint8_t> bytes) noexcept;

template <std::size_t Size>
class secret {
  public:
    secret() noexcept = default;
    explicit secret(const std::array<std::uint8_t, Size>& bytes) noexcept : bytes_{bytes} {}
    secret(const secret&) noexcept = default;
    secret& operator=(const secret&) noexcept = default;
    ~secret() { cleanse(bytes_); }

    [[nodiscard]] std::span<const std::uint8_t, Size> bytes() const noexcept { return bytes_; }
    [[nodiscard]] std::span<std::uint8_t, Size> writable_bytes() noexcept { return bytes_; }

  private:
    std::array<std::uint8_t, Size> bytes_{};
};

}  // namespace turnix::crypto
