// What the wrappers around OpenSSL share: one way to fail, and its pointer type for bytes.
#pragma once

#include <cstddef>
#include <span>

namespace turnix::crypto {

/// Ends the process when OpenSSL says no where it can only do so for want of its provider, or of memory when
/// the reserve of vital_memory.hpp is used up as well: there is no safe way on with a MAC or a random number
/// that was not made.
void require(bool succeeded) noexcept;

/// OpenSSL reads bytes as unsigned char. Never null, because a null key means "keep the old key" there.
const unsigned char* openssl_bytes(std::span<const std::byte> bytes) noexcept;
unsigned char* openssl_bytes(std::span<std::byte> bytes) noexcept;

}  // namespace turnix::crypto
