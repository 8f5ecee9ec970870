// Claims and key rings for the tests of credentials.
#pragma once

#include "common/credential/claims.hpp"
#include "common/credential/key_ring.hpp"
#include "common/credential/private_file.hpp"
#include "tests/common/config/temporary_directory.hpp"

#include <random>
#include <string>
#include <string_view>

namespace turnix::tests {

inline constexpr std::string_view name_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
inline constexpr std::string_view slug_alphabet = "abcdefghijklmnopqrstuvwxyz0123456789-";

/// A moment at which the keys of ring_with are valid.
inline constexpr std::chrono::sys_seconds noon{std::chrono::seconds{1'767'700'800}};

/// A ring read from the text of a key ring file.
inline credential::key_ring ring_of(std::string_view text) {
    const temporary_directory directory;
    const auto file = directory.path() / "keys.json";
    credential::write_private_file(file, text);
    return credential::key_ring::load(file);
}

/// Reproducible from its seed.
class claims_generator {
  public:
    explicit claims_generator(std::uint32_t seed) : random_{seed} {}

    credential::claims next() {
        credential::claims made;
        for (auto* const bytes : {&made.id.bytes, &made.project.bytes, &made.token.bytes})
            for (auto& byte : *bytes) byte = static_cast<std::uint8_t>(below(256));
        made.issued_at = time();
        made.expires_at = time();
        made.sessions_end_at = time();
        made.room = name(name_alphabet, 100);
        made.initiator_client = name(name_alphabet, 100);
        made.receiver_client = name(name_alphabet, 100);
        made.region = name(slug_alphabet, 32);
        made.role = static_cast<credential::party>(below(3));
        made.scope = static_cast<credential::peer_scope>(below(3));
        made.expiry = static_cast<credential::on_expiry>(below(2));
        made.transports.bits = static_cast<std::uint8_t>(below(16));
        if (below(2) == 0) made.limits.bitrate_bps_max = random_();
        if (below(2) == 0)
            made.limits.packets_per_second_max = static_cast<std::uint32_t>(below(std::uint64_t{1} << 32U));
        if (below(2) == 0) made.limits.bytes_max = random_();
        if (below(2) == 0) made.limits.allocations_max = static_cast<std::uint16_t>(below(65'536));
        if (below(2) == 0) made.allowed_client = address();
        return made;
    }

    std::uint64_t below(std::uint64_t end) { return random_() % end; }

  private:
    std::chrono::sys_seconds time() {
        return std::chrono::sys_seconds{std::chrono::seconds{below(std::uint64_t{1} << 40U)}};
    }
    /// Half of them absent.
    std::string name(std::string_view alphabet, std::size_t characters_max) {
        std::string made(below(2) == 0 ? 0 : below(characters_max + 1), ' ');
        for (auto& character : made) character = alphabet[below(alphabet.size())];
        return made;
    }
    net::address address() {
        net::address::v6_bytes bytes{};
        for (auto& byte : bytes) byte = static_cast<std::uint8_t>(below(256));
        if (below(2) == 0) return net::address{bytes};
        return net::address{net::address::v4_bytes{bytes[0], bytes[1], bytes[2], bytes[3]}};
    }

    std::mt19937_64 random_;
};

/// Every field present and as long as it can be.
inline credential::claims longest_claims() {
    claims_generator generator{1};
    auto made = generator.next();
    made.issued_at = made.expires_at = made.sessions_end_at =
        std::chrono::sys_seconds{std::chrono::seconds{(std::int64_t{1} << 40) - 1}};
    made.room = std::string(100, '_');
    made.initiator_client = std::string(100, 'a');
    made.receiver_client = std::string(100, '-');
    made.region = std::string(32, 'z');
    made.limits = {.bitrate_bps_max = ~0ULL,
                   .packets_per_second_max = ~0U,
                   .bytes_max = ~0ULL,
                   .allocations_max = 0xffff};
    made.allowed_client = net::address{net::address::v6_bytes{0x20, 0x01}};
    return made;
}

}  // namespace turnix::tests
