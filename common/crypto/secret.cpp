#include "common/crypto/secret.hpp"

#include <openssl/crypto.h>

namespace turnix::crypto {

void cleanse(std::span<std::uint8_t> bytes) noexcept { OPENSSL_cleanse(bytes.data(), bytes.size()); }

}  // namespace turnix::crypto
