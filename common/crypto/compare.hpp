// Equality of secrets in a time that does not depend on where they differ.
#pragma once

#include <cstddef>
#include <span>

namespace turnix::crypto {

/// Lengths are not secret: different ones are unequal at once.
[[nodiscard]] bool equal_in_constant_time(std::span<const std::byte> a,
                                          std::span<const std::byte> b) noexcept;

}  // namespace turnix::crypto
