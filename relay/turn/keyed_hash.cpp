#include "relay/turn/keyed_hash.hpp"

#include <bit>
#include <cstring>

namespace turnix::turn {
namespace {

class sip_state {
  public:
    sip_state(std::uint64_t key_0, std::uint64_t key_1) noexcept
        : v0_{key_0 ^ 0x736f6d6570736575ULL},
          v1_{key_1 ^ 0x646f72616e646f6dULL},
          v2_{key_0 ^ 0x6c7967656e657261ULL},
          v3_{key_1 ^ 0x7465646279746573ULL} {}

    void absorb(std::uint64_t word) noexcept {
        v3_ ^= word;
        rounds(2);
        v0_ ^= word;
    }

    [[nodiscard]] std::uint64_t finish() noexcept {
        v2_ ^= 0xff;
        rounds(4);
        return v0_ ^ v1_ ^ v2_ ^ v3_;
    }

  private:
    void rounds(int count) noexcept {
        for (int i = 0; i < count; ++i) {
            v0_ += v1_;
            v2_ += v3_;
            v1_ = std::rotl(v1_, 13) ^ v0_;
            v3_ = std::rotl(v3_, 16) ^ v2_;
            v0_ = std::rotl(v0_, 32);
            v2_ += v1_;
            v0_ += v3_;
            v1_ = std::rotl(v1_, 17) ^ v2_;
            v3_ = std::rotl(v3_, 21) ^ v0_;
            v2_ = std::rotl(v2_, 32);
        }
    }

    std::uint64_t v0_;
    std::uint64_t v1_;
    std::uint64_t v2_;
    std::uint64_t v3_;
};

}  // namespace

std::uint64_t keyed_hash(const crypto::secret<16>& key,
                         const std::array<std::uint64_t, 2>& message) noexcept {
    std::array<std::uint64_t, 2> key_words{};
    std::memcpy(key_words.data(), key.bytes().data(), key.bytes().size());
    sip_state state{key_words[0], key_words[1]};
    for (const auto word : message) state.absorb(word);
    constexpr std::uint64_t length_in_the_top_byte = std::uint64_t{16} << 56;
    state.absorb(length_in_the_top_byte);
    return state.finish();
}

}  // namespace turnix::turn
