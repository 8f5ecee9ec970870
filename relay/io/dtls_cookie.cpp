#include "relay/io/dtls_cookie.hpp"

#include "common/crypto/compare.hpp"
#include "common/crypto/digest.hpp"
#include "common/crypto/random.hpp"

#include <algorithm>
#include <bit>

namespace turnix::io {

namespace {

std::int64_t slot_at(monotonic_time now) noexcept {
    return now.time_since_epoch() / cookie_authority::lifetime;
}

std::array<std::byte, 2> port_bytes(const net::endpoint& at) noexcept {
    return std::bit_cast<std::array<std::byte, 2>>(at.port);
}

}  // namespace

cookie_authority::cookie_authority() noexcept {
    crypto::fill_random(std::as_writable_bytes(key_.writable_bytes()));
}

cookie_authority::cookie cookie_authority::issue(const turn::client_path& path,
                                                 monotonic_time now) const noexcept {
    return made_in(slot_at(now), path);
}

bool cookie_authority::verify(std::span<const std::byte> received, const turn::client_path& path,
                              monotonic_time now) const noexcept {
    const auto slot = slot_at(now);
    return crypto::equal_in_constant_time(received, made_in(slot, path)) ||
           crypto::equal_in_constant_time(received, made_in(slot - 1, path));
}

// Both addresses are of one family, so that no two 5-tuples have the same message.
cookie_authority::cookie cookie_authority::made_in(std::int64_t slot,
                                                   const turn::client_path& path) const noexcept {
    const auto slot_bytes = std::bit_cast<std::array<std::byte, sizeof slot>>(slot);
    const auto mac =
        crypto::hmac_sha256(std::as_bytes(key_.bytes()),
                            {slot_bytes, std::as_bytes(path.client.address.bytes()), port_bytes(path.client),
                             std::as_bytes(path.server.address.bytes()), port_bytes(path.server)});
    cookie made{};
    std::ranges::copy_n(mac.begin(), made.size(), made.begin());
    return made;
}

}  // namespace turnix::io
