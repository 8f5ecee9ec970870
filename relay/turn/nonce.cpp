#include "relay/turn/nonce.hpp"

#include "common/crypto/base64url.hpp"
#include "common/crypto/compare.hpp"
#include "common/crypto/digest.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <span>

namespace turnix::turn {

static_assert(nonce_cookie.size() + crypto::base64url_length(nonce_authority::bytes) ==
              nonce_authority::characters);

nonce_authority::nonce_authority(const crypto::secret<32>& key, std::chrono::seconds lifetime) noexcept
    : key_{key}, lifetime_{lifetime} {
    assert(lifetime > std::chrono::seconds::zero());
}

nonce_authority::text nonce_authority::issue(const net::endpoint& client, monotonic_time now) const noexcept {
    text issued{};
    const auto behind_cookie = std::ranges::copy(nonce_cookie, issued.begin()).out;
    crypto::base64url_encode(raw_for(client, slot_at(now)), {behind_cookie, issued.end()});
    return issued;
}

nonce_verdict nonce_authority::judge(std::string_view received, const net::endpoint& client,
                                     monotonic_time now) const noexcept {
    raw decoded{};
    if (received.size() != characters || !received.starts_with(nonce_cookie) ||
        !crypto::base64url_decode(received.substr(nonce_cookie.size()), decoded)) {
        return nonce_verdict::invalid;
    }
    std::array<std::byte, sizeof(std::uint32_t)> slot_bytes{};
    std::ranges::copy_n(decoded.begin(), slot_bytes.size(), slot_bytes.begin());
    const auto slot = std::bit_cast<std::uint32_t>(slot_bytes);
    const auto current = slot_at(now);
    if (!crypto::equal_in_constant_time(decoded, raw_for(client, slot)) || slot > current) {
        return nonce_verdict::invalid;
    }
    return current - slot <= 1 ? nonce_verdict::fresh : nonce_verdict::stale;
}

std::uint32_t nonce_authority::slot_at(monotonic_time now) const noexcept {
    return static_cast<std::uint32_t>(now.time_since_epoch() / lifetime_);
}

// Nobody but this process reads the slot: it stays in the machine's own byte order. Its length tells the
// families apart, so that no two clients have the same message.
nonce_authority::raw nonce_authority::raw_for(const net::endpoint& client,
                                              std::uint32_t slot) const noexcept {
    const auto slot_bytes = std::bit_cast<std::array<std::byte, sizeof slot>>(slot);
    const auto port_bytes = std::bit_cast<std::array<std::byte, sizeof client.port>>(client.port);
    const auto mac = crypto::hmac_sha256(std::as_bytes(key_.bytes()),
                                         {slot_bytes, std::as_bytes(client.address.bytes()), port_bytes});
    raw result{};
    const auto behind_slot = std::ranges::copy(slot_bytes, result.begin()).out;
    std::ranges::copy_n(mac.begin(), result.end() - behind_slot, behind_slot);
    return result;
}

}  // namespace turnix::turn
