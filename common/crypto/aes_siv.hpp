// AES-256-SIV (RFC 5297): deterministic authenticated encryption with its 16-byte tag in front. A value
// belongs to one thread.
//
// OpenSSL 3.0's contexts are single-use in this mode: initialising one again reports success and then fails.
// So a keyed context is kept for each direction and copied for each operation, at a third of the cost of a
// fresh key schedule.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

struct evp_cipher_ctx_st;

namespace turnix::crypto {

class aes_siv {
  public:
    static constexpr std::size_t key_bytes = 64;
    static constexpr std::size_t tag_bytes = 16;

    explicit aes_siv(std::span<const std::byte, key_bytes> key) noexcept;

    /// Fills `sealed`, which is tag_bytes longer than `plain`, with tag | ciphertext. `plain` is not empty.
    void seal(std::span<const std::byte> associated, std::span<const std::byte> plain,
              std::span<std::byte> sealed) noexcept;
    /// Fills `plain`, which is tag_bytes shorter than `sealed`. False, with nothing said of `plain`, when
    /// `sealed` was not made by this key for this associated data, or has no ciphertext.
    [[nodiscard]] bool open(std::span<const std::byte> associated, std::span<const std::byte> sealed,
                            std::span<std::byte> plain) noexcept;

  private:
    struct context_deleter {
        void operator()(evp_cipher_ctx_st* context) const noexcept;
    };
    using context = std::unique_ptr<evp_cipher_ctx_st, context_deleter>;

    static context make_context() noexcept;

    context sealing_;
    context opening_;
    context working_;  ///< the copy that the operation at hand uses up
};

}  // namespace turnix::crypto
