#include "common/crypto/ed25519.hpp"

#include "common/crypto/openssl.hpp"
#include "common/crypto/vital_memory.hpp"

#include <openssl/evp.h>

namespace turnix::crypto {

namespace {

struct digest_deleter {
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};
using digest_context = std::unique_ptr<EVP_MD_CTX, digest_deleter>;

digest_context make_context() noexcept {
    digest_context made{EVP_MD_CTX_new()};
    require(made != nullptr);
    return made;
}

}  // namespace

void ed25519_key::key_deleter::operator()(evp_pkey_st* key) const noexcept { EVP_PKEY_free(key); }

ed25519_key::ed25519_key(const secret<32>& seed) noexcept {
    const vital_section vital;
    key_.reset(EVP_PKEY_new_raw_private_key_ex(nullptr, "ED25519", nullptr, seed.bytes().data(),
                                               seed.bytes().size()));
    require(key_ != nullptr);
    auto length = public_key_.size();
    require(EVP_PKEY_get_raw_public_key(key_.get(), openssl_bytes(std::span<std::byte>{public_key_}),
                                        &length) == 1);
}

ed25519_signature ed25519_key::sign(std::span<const std::byte> message) const noexcept {
    const vital_section vital;
    ed25519_signature made{};
    auto length = made.size();
    const auto context = make_context();
    require(EVP_DigestSignInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, key_.get(), nullptr) ==
                1 &&
            EVP_DigestSign(context.get(), openssl_bytes(std::span<std::byte>{made}), &length,
                           openssl_bytes(message), message.size()) == 1);
    return made;
}

bool ed25519_verify(const ed25519_public_key& by, std::span<const std::byte> message,
                    std::span<const std::byte> signature) noexcept {
    const vital_section vital;
    struct key_deleter {
        void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
    };
    const std::unique_ptr<EVP_PKEY, key_deleter> key{
        EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr, openssl_bytes(by), by.size())};
    if (key == nullptr) return false;
    const auto context = make_context();
    return EVP_DigestVerifyInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, key.get(), nullptr) ==
               1 &&
           EVP_DigestVerify(context.get(), openssl_bytes(signature), signature.size(), openssl_bytes(message),
                            message.size()) == 1;
}

}  // namespace turnix::crypto
