// OpenSSL without memory of the system's.
#include "common/crypto/vital_memory.hpp"

#include "common/crypto/aes_gcm.hpp"
#include "common/crypto/aes_siv.hpp"
#include "common/crypto/digest.hpp"
#include "common/crypto/ed25519.hpp"
#include "common/crypto/random.hpp"

#include <catch2/catch.hpp>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string_view>
#include <thread>
#include <vector>

using namespace turnix;

namespace {

/// While it lives, the system has no memory for OpenSSL.
struct shortage {
    shortage() noexcept {
        crypto::take_openssl_memory_from([](std::size_t) -> void* { return nullptr; });
    }
    ~shortage() { crypto::take_openssl_memory_from(std::malloc); }
    shortage(const shortage&) = delete;
    shortage& operator=(const shortage&) = delete;
};

std::span<const std::byte> text(std::string_view characters) { return std::as_bytes(std::span{characters}); }

template <class Bytes>
void add(std::vector<std::byte>& to, const Bytes& more) {
    to.insert(to.end(), more.begin(), more.end());
}

/// One of everything that a daemon does with OpenSSL for requests: what comes out.
std::vector<std::byte> do_everything() {
    std::vector<std::byte> made;
    add(made, crypto::md5({text("a")}));
    add(made, crypto::sha256({text("a"), text("b")}));
    add(made, crypto::hmac_sha1(text("key"), {text("a")}));
    add(made, crypto::hmac_sha256(text("a longer key"), {text("a")}));
    constexpr std::string_view plain = "a credential's claims";
    constexpr std::size_t tag_bytes = 16;
    std::array<std::byte, plain.size() + tag_bytes> sealed{};
    std::array<std::byte, plain.size()> opened{};
    const std::array<std::byte, crypto::aes_siv::key_bytes> siv_key{};
    crypto::aes_siv siv{siv_key};
    siv.seal(text("realm"), text(plain), sealed);
    add(made, sealed);
    CHECK(siv.open(text("realm"), sealed, opened));
    const std::array<std::byte, crypto::aes_gcm::key_bytes> gcm_key{};
    crypto::aes_gcm gcm{gcm_key};
    gcm.seal({.counter = 1, .associated = text("realm")}, text(plain), sealed);
    add(made, sealed);
    CHECK(gcm.open({.counter = 1, .associated = text("realm")}, sealed, opened));
    const crypto::ed25519_key signer{crypto::secret<32>{}};
    const auto signature = signer.sign(text("a fact"));
    add(made, signature);
    CHECK(crypto::ed25519_verify(signer.public_key(), text("a fact"), signature));
    CHECK(crypto::random_bytes<32>() != crypto::random_bytes<32>());
    return made;
}

}  // namespace

TEST_CASE("without memory digests, MACs, ciphers and random numbers are made all the same",
          "[crypto][out_of_memory]") {
    const auto expected = do_everything();
    const auto lent_before = crypto::vital_blocks_lent();
    bool is_same = true;
    const auto work = [&] {
        for (int i = 0; i < 500; ++i) is_same = is_same && do_everything() == expected;
    };
    {
        const shortage none;
        work();
        // Nor on a thread that has made none before.
        std::thread{work}.join();
    }
    CHECK(is_same);
    // What this thread keeps for the next time is its own memory again by then.
    CHECK(do_everything() == expected);
    CHECK(crypto::vital_blocks_lent() < lent_before + 100);
}

TEST_CASE("what can be refused gets nothing of the reserve", "[crypto][out_of_memory]") {
    const auto lent = crypto::vital_blocks_lent();
    const shortage none;
    CHECK(EVP_PKEY_new() == nullptr);
    CHECK(crypto::vital_blocks_lent() == lent);
}

TEST_CASE("a block of the reserve grows into another one, and out of the reserve",
          "[crypto][out_of_memory]") {
    const auto before = crypto::vital_blocks_lent();
    const crypto::vital_section vital;
    const std::string_view content = "what is in it";
    void* block = nullptr;
    {
        const shortage none;
        block = OPENSSL_malloc(100);
        REQUIRE(block != nullptr);
        std::memcpy(block, content.data(), content.size());
        block = OPENSSL_realloc(block, 1'000);
        REQUIRE(block != nullptr);
        CHECK(crypto::vital_blocks_lent() == before + 1);
    }
    block = OPENSSL_realloc(block, 30'000);
    REQUIRE(block != nullptr);
    CHECK(std::string_view{static_cast<const char*>(block), content.size()} == content);
    CHECK(crypto::vital_blocks_lent() == before);
    OPENSSL_free(block);
}

TEST_CASE("the reserve has an end, and is whole again afterwards", "[crypto][out_of_memory]") {
    const auto before = crypto::vital_blocks_lent();
    const crypto::vital_section vital;
    const std::size_t bytes =
        GENERATE(std::size_t{1}, std::size_t{256}, std::size_t{257}, std::size_t{16'384});
    std::vector<void*> lent;
    lent.reserve(10'000);
    {
        const shortage none;
        while (void* const block = OPENSSL_malloc(bytes)) lent.push_back(block);
        CHECK(OPENSSL_malloc(16'385) == nullptr);
    }
    CHECK(lent.size() >= 16);
    std::ranges::sort(lent);
    CHECK(std::ranges::adjacent_find(lent) == lent.end());
    for (void* const block : lent) OPENSSL_free(block);
    CHECK(crypto::vital_blocks_lent() == before);
}
