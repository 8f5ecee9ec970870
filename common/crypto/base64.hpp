// base64 with padding (RFC 4648 §4). Any thread.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace turnix::crypto {

[[nodiscard]] std::string base64_encode(std::span<const std::byte> bytes);

}  // namespace turnix::crypto
