#include "common/crypto/hkdf.hpp"

#include "common/crypto/digest.hpp"

#include <algorithm>
#include <array>

namespace turnix::crypto {

void hkdf_sha256(const hkdf_input& input, std::span<std::byte> key) noexcept {
    // RFC 5869 §2.2: an absent salt is a string of zeros, which is what HMAC makes of an empty key.
    const auto pseudorandom_key = hmac_sha256(input.salt, {input.secret});

    // RFC 5869 §2.3
    sha256_digest block{};
    std::span<const std::byte> previous;
    const auto label = std::as_bytes(std::span{input.label});
    std::array<std::byte, 1> counter{std::byte{1}};
    while (!key.empty()) {
        block = hmac_sha256(pseudorandom_key, {previous, label, counter});
        previous = block;
        const auto taken = std::min(key.size(), block.size());
        std::copy_n(block.begin(), taken, key.begin());
        key = key.subspan(taken);
        counter[0] = std::byte(std::to_integer<unsigned char>(counter[0]) + 1);
    }
}

}  // namespace turnix::crypto
