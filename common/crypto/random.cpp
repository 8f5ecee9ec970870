#include "common/crypto/random.hpp"

#include "common/crypto/openssl.hpp"
#include "common/crypto/vital_memory.hpp"

#include <openssl/rand.h>

namespace turnix::crypto {

void fill_random(std::span<std::byte> bytes) noexcept {
    const vital_section vital;
    require(RAND_bytes_ex(nullptr, openssl_bytes(bytes), bytes.size(), 0) == 1);
}

}  // namespace turnix::crypto
