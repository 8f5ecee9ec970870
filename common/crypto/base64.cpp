#include "common/crypto/base64.hpp"

#include "common/crypto/openssl.hpp"

#include <openssl/evp.h>

namespace turnix::crypto {

std::string base64_encode(std::span<const std::byte> bytes) {
    // OpenSSL ends the text with a zero byte.
    std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
    EVP_EncodeBlock(openssl_bytes(std::as_writable_bytes(std::span{text})), openssl_bytes(bytes),
                    static_cast<int>(bytes.size()));
    text.pop_back();
    return text;
}

}  // namespace turnix::crypto
