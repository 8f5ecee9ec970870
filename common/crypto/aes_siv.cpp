#include "common/crypto/aes_siv.hpp"

#include "common/crypto/openssl.hpp"
#include "common/crypto/vital_memory.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cassert>

namespace turnix::crypto {

namespace {

constexpr int successful = 1;

struct cipher_deleter {
    void operator()(EVP_CIPHER* cipher) const noexcept { EVP_CIPHER_free(cipher); }
};

}  // namespace

void aes_siv::context_deleter::operator()(evp_cipher_ctx_st* context) const noexcept {
    EVP_CIPHER_CTX_free(context);
}

aes_siv::context aes_siv::make_context() noexcept {
    const vital_section vital;
    context made{EVP_CIPHER_CTX_new()};
    require(made != nullptr);
    return made;
}

aes_siv::aes_siv(std::span<const std::byte, key_bytes> key) noexcept
    : sealing_{make_context()}, opening_{make_context()}, working_{make_context()} {
    const vital_section vital;
    const std::unique_ptr<EVP_CIPHER, cipher_deleter> cipher{
        EVP_CIPHER_fetch(nullptr, "AES-256-SIV", nullptr)};
    const auto* const key_start = openssl_bytes(key);
    require(cipher != nullptr);
    require(EVP_EncryptInit_ex2(sealing_.get(), cipher.get(), key_start, nullptr, nullptr) == successful);
    require(EVP_DecryptInit_ex2(opening_.get(), cipher.get(), key_start, nullptr, nullptr) == successful);
}

void aes_siv::seal(std::span<const std::byte> associated, std::span<const std::byte> plain,
                   std::span<std::byte> sealed) noexcept {
    assert(!plain.empty() && sealed.size() == plain.size() + tag_bytes);
    const vital_section vital;
    const auto tag = sealed.first(tag_bytes);
    const auto ciphertext = sealed.subspan(tag_bytes);
    int written = 0;
    require(EVP_CIPHER_CTX_copy(working_.get(), sealing_.get()) == successful);
    require(EVP_EncryptUpdate(working_.get(), nullptr, &written, openssl_bytes(associated),
                              static_cast<int>(associated.size())) == successful);
    require(EVP_EncryptUpdate(working_.get(), openssl_bytes(ciphertext), &written, openssl_bytes(plain),
                              static_cast<int>(plain.size())) == successful);
    require(EVP_CIPHER_CTX_ctrl(working_.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(tag.size()),
                                tag.data()) == successful);
}

bool aes_siv::open(std::span<const std::byte> associated, std::span<const std::byte> sealed,
                   std::span<std::byte> plain) noexcept {
    if (sealed.size() <= tag_bytes) return false;
    assert(plain.size() == sealed.size() - tag_bytes);
    const auto ciphertext = sealed.subspan(tag_bytes);
    const vital_section vital;
    std::array<std::byte, tag_bytes> tag{};
    std::ranges::copy(sealed.first(tag_bytes), tag.begin());
    int written = 0;
    require(EVP_CIPHER_CTX_copy(working_.get(), opening_.get()) == successful);
    // The tag comes before any data: the counter is derived from it.
    require(EVP_CIPHER_CTX_ctrl(working_.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(tag.size()),
                                tag.data()) == successful);
    require(EVP_DecryptUpdate(working_.get(), nullptr, &written, openssl_bytes(associated),
                              static_cast<int>(associated.size())) == successful);
    return EVP_DecryptUpdate(working_.get(), openssl_bytes(plain), &written, openssl_bytes(ciphertext),
                             static_cast<int>(ciphertext.size())) == successful;
}

}  // namespace turnix::crypto
