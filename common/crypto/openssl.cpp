#include "common/crypto/openssl.hpp"

#include <openssl/err.h>

#include <cstdio>
#include <cstdlib>

namespace turnix::crypto {

void require(bool succeeded) noexcept {
    if (succeeded) return;
    ERR_print_errors_fp(stderr);
    std::fputs("turnixd: OpenSSL failed where it must not; ending\n", stderr);
    std::abort();
}

const unsigned char* openssl_bytes(std::span<const std::byte> bytes) noexcept {
    static constexpr unsigned char nothing{};
    if (bytes.empty()) return &nothing;
    const void* const start = bytes.data();
    return static_cast<const unsigned char*>(start);
}

unsigned char* openssl_bytes(std::span<std::byte> bytes) noexcept {
    void* const start = bytes.data();
    return static_cast<unsigned char*>(start);
}

}  // namespace turnix::crypto
