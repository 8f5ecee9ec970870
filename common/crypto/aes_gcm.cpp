#include "common/crypto/aes_gcm.hpp"

#include "common/crypto/openssl.hpp"
#include "common/crypto/vital_memory.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <ranges>

namespace turnix::crypto {

namespace {

constexpr int successful = 1;

using nonce = std::array<std::byte, 12>;

/// In network order, at the end.
nonce nonce_of(std::uint64_t counter) noexcept {
    nonce made{};
    for (auto& byte : std::views::reverse(std::span{made}.last<sizeof counter>())) {
        byte = static_cast<std::byte>(counter);
        counter >>= 8U;
    }
    return made;
}

int length_of(std::span<const std::byte> bytes) noexcept { return static_cast<int>(bytes.size()); }

}  // namespace

void aes_gcm::context_deleter::operator()(evp_cipher_ctx_st* context) const noexcept {
    EVP_CIPHER_CTX_free(context);
}

aes_gcm::aes_gcm(std::span<const std::byte, key_bytes> key) noexcept {
    const vital_section vital;
    sealing_.reset(EVP_CIPHER_CTX_new());
    opening_.reset(EVP_CIPHER_CTX_new());
    require(sealing_ != nullptr && opening_ != nullptr);
    const auto* const start = openssl_bytes(key);
    require(EVP_EncryptInit_ex2(sealing_.get(), EVP_aes_256_gcm(), start, nullptr, nullptr) == successful);
    require(EVP_DecryptInit_ex2(opening_.get(), EVP_aes_256_gcm(), start, nullptr, nullptr) == successful);
}

void aes_gcm::seal(const message& about, std::span<const std::byte> plain,
                   std::span<std::byte> sealed) noexcept {
    assert(sealed.size() == plain.size() + tag_bytes);
    const vital_section vital;
    auto* const with = sealing_.get();
    const auto nonce = nonce_of(about.counter);
    const auto tag = sealed.last(tag_bytes);
    int written = 0;
    require(EVP_EncryptInit_ex2(with, nullptr, nullptr, openssl_bytes(nonce), nullptr) == successful);
    require(EVP_EncryptUpdate(with, nullptr, &written, openssl_bytes(about.associated),
                              length_of(about.associated)) == successful);
    require(EVP_EncryptUpdate(with, openssl_bytes(sealed), &written, openssl_bytes(plain),
                              length_of(plain)) == successful);
    require(EVP_EncryptFinal_ex(with, openssl_bytes(tag), &written) == successful);
    require(EVP_CIPHER_CTX_ctrl(with, EVP_CTRL_AEAD_GET_TAG, length_of(tag), tag.data()) == successful);
}

bool aes_gcm::open(const message& about, std::span<const std::byte> sealed,
                   std::span<std::byte> plain) noexcept {
    if (sealed.size() < tag_bytes) return false;
    assert(plain.size() == sealed.size() - tag_bytes);
    const vital_section vital;
    auto* const with = opening_.get();
    const auto nonce = nonce_of(about.counter);
    std::array<std::byte, tag_bytes> tag{};
    std::ranges::copy(sealed.last(tag_bytes), tag.begin());
    int written = 0;
    require(EVP_DecryptInit_ex2(with, nullptr, nullptr, openssl_bytes(nonce), nullptr) == successful);
    require(EVP_DecryptUpdate(with, nullptr, &written, openssl_bytes(about.associated),
                              length_of(about.associated)) == successful);
    require(EVP_DecryptUpdate(with, openssl_bytes(plain), &written, openssl_bytes(sealed),
                              length_of(plain)) == successful);
    require(EVP_CIPHER_CTX_ctrl(with, EVP_CTRL_AEAD_SET_TAG, length_of(tag), tag.data()) == successful);
    return EVP_DecryptFinal_ex(with, openssl_bytes(std::span<std::byte>{tag}), &written) == successful;
}

}  // namespace turnix::crypto
