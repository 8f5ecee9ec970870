// Unpredictable bytes from OpenSSL's generator. Any thread.
#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace turnix::crypto {

/// Ends the process when the generator fails: nothing that asked for these bytes is safe without them.
void fill_random(std::span<std::byte> bytes) noexcept;

template <std::size_t Size>
[[nodiscard]] std::array<std::byte, Size> random_bytes() noexcept {
    std::array<std::byte, Size> bytes{};
    fill_random(bytes);
    return bytes;
}

}  // namespace turnix::crypto
