#include "relay/turn/mobility_ticket.hpp"

#include "common/crypto/digest.hpp"
#include "relay/stun/attributes.hpp"

#include <algorithm>
#include <bit>

namespace turnix::turn {

namespace {

// Nobody but this process reads a ticket: its number stays in the machine's own byte order.
using number_bytes = std::array<std::byte, sizeof(std::uint32_t)>;
using plain = std::array<std::byte, ticket_sealer::plain_bytes>;

}  // namespace

mobility_ticket::user_digest mobility_ticket::digest_of(std::string_view username) noexcept {
    const auto whole = crypto::sha256({std::as_bytes(std::span{username})});
    user_digest digest{};
    std::ranges::copy_n(whole.begin(), digest.size(), digest.begin());
    return digest;
}

ticket_sealer::text ticket_sealer::seal(const mobility_ticket& ticket) noexcept {
    plain written{};
    auto at = std::ranges::copy(std::as_bytes(std::span{ticket.session.bytes}), written.begin()).out;
    at = std::ranges::copy(ticket.user, at).out;
    std::ranges::copy(std::bit_cast<number_bytes>(ticket.number), at);
    std::array<std::byte, sealed_bytes> sealed{};
    cipher_.seal({}, written, sealed);
    text encoded{};
    crypto::base64url_encode(sealed, encoded);
    return encoded;
}

std::optional<mobility_ticket> ticket_sealer::open(std::span<const std::byte> value) noexcept {
    std::array<std::byte, sealed_bytes> sealed{};
    plain read{};
    if (value.size() != characters || !crypto::base64url_decode(stun::decode_text(value), sealed) ||
        !cipher_.open({}, sealed, read)) {
        return std::nullopt;
    }
    mobility_ticket ticket;
    number_bytes number{};
    const auto session = std::as_writable_bytes(std::span{ticket.session.bytes});
    auto from = read.begin();
    from = std::ranges::copy_n(from, static_cast<std::ptrdiff_t>(session.size()), session.begin()).in;
    from = std::ranges::copy_n(from, static_cast<std::ptrdiff_t>(ticket.user.size()), ticket.user.begin()).in;
    std::ranges::copy_n(from, static_cast<std::ptrdiff_t>(number.size()), number.begin());
    ticket.number = std::bit_cast<std::uint32_t>(number);
    return ticket;
}

}  // namespace turnix::turn
