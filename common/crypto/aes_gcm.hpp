// AES-256-GCM (NIST SP 800-38D) with a counter as nonce. A value belongs to one thread.
//
// Two messages under one key and counter would give both away: who seals never uses a counter twice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

struct evp_cipher_ctx_st;

namespace turnix::crypto {

class aes_gcm {
  public:
    static constexpr std::size_t key_bytes = 32;
    static constexpr std::size_t tag_bytes = 16;

    explicit aes_gcm(std::span<const std::byte, key_bytes> key) noexcept;

    struct message {
        std::uint64_t counter{0};
        std::span<const std::byte> associated;
    };

    /// Fills `sealed`, which is tag_bytes longer than `plain`, with ciphertext | tag.
    void seal(const message& about, std::span<const std::byte> plain, std::span<std::byte> sealed) noexcept;
    /// Fills `plain`, which is tag_bytes shorter than `sealed`. False, with nothing said of `plain`, when
    /// `sealed` was not made by this key for this counter and associated data.
    [[nodiscard]] bool open(const message& about, std::span<const std::byte> sealed,
                            std::span<std::byte> plain) noexcept;

  private:
    struct context_deleter {
        void operator()(evp_cipher_ctx_st* context) const noexcept;
    };
    using context = std::unique_ptr<evp_cipher_ctx_st, context_deleter>;

    context sealing_;
    context opening_;
};

}  // namespace turnix::crypto
