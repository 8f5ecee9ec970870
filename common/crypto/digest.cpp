#include "common/crypto/digest.hpp"

#include "common/crypto/openssl.hpp"
#include "common/crypto/vital_memory.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <memory>
#include <string>

namespace turnix::crypto {
namespace {

template <auto Free>
struct deleter {
    template <class Object>
    void operator()(Object* object) const noexcept {
        Free(object);
    }
};

class digest_context {
  public:
    explicit digest_context(const char* algorithm) noexcept
        : algorithm_{EVP_MD_fetch(nullptr, algorithm, nullptr)}, context_{EVP_MD_CTX_new()} {
        require(algorithm_ != nullptr && context_ != nullptr);
    }

    void digest(parts message, std::span<std::byte> out) noexcept {
        require(EVP_DigestInit_ex2(context_.get(), algorithm_.get(), nullptr) == 1);
        for (const auto part : message) {
            require(EVP_DigestUpdate(context_.get(), part.data(), part.size()) == 1);
        }
        require(EVP_DigestFinal_ex(context_.get(), openssl_bytes(out), nullptr) == 1);
    }

  private:
    std::unique_ptr<EVP_MD, deleter<EVP_MD_free>> algorithm_;
    std::unique_ptr<EVP_MD_CTX, deleter<EVP_MD_CTX_free>> context_;
};

class hmac_context {
  public:
    explicit hmac_context(std::string algorithm) noexcept
        : mac_{EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr)}, context_{EVP_MAC_CTX_new(mac_.get())} {
        const std::array parameters{
            OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, algorithm.data(), 0),
            OSSL_PARAM_construct_end()};
        require(context_ != nullptr && EVP_MAC_CTX_set_params(context_.get(), parameters.data()) == 1);
    }

    void authenticate(std::span<const std::byte> key, parts message, std::span<std::byte> out) noexcept {
        require(EVP_MAC_init(context_.get(), openssl_bytes(key), key.size(), nullptr) == 1);
        for (const auto part : message) {
            require(EVP_MAC_update(context_.get(), openssl_bytes(part), part.size()) == 1);
        }
        std::size_t written = 0;
        require(EVP_MAC_final(context_.get(), openssl_bytes(out), &written, out.size()) == 1 &&
                written == out.size());
    }

  private:
    std::unique_ptr<EVP_MAC, deleter<EVP_MAC_free>> mac_;
    std::unique_ptr<EVP_MAC_CTX, deleter<EVP_MAC_CTX_free>> context_;
};

}  // namespace

md5_digest md5(parts message) noexcept {
    const vital_section vital;
    thread_local digest_context context{"MD5"};
    md5_digest out{};
    context.digest(message, out);
    return out;
}

sha256_digest sha256(parts message) noexcept {
    const vital_section vital;
    thread_local digest_context context{"SHA256"};
    sha256_digest out{};
    context.digest(message, out);
    return out;
}

sha1_digest hmac_sha1(std::span<const std::byte> key, parts message) noexcept {
    const vital_section vital;
    thread_local hmac_context context{"SHA1"};
    sha1_digest out{};
    context.authenticate(key, message, out);
    return out;
}

sha256_digest hmac_sha256(std::span<const std::byte> key, parts message) noexcept {
    const vital_section vital;
    thread_local hmac_context context{"SHA256"};
    sha256_digest out{};
    context.authenticate(key, message, out);
    return out;
}

}  // namespace turnix::crypto
