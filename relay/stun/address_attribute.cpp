#include "relay/stun/address_attribute.hpp"

#include "relay/stun/bytes.hpp"

#include <algorithm>
#include <array>
#include <functional>

namespace turnix::stun {
namespace {

constexpr std::size_t ipv4_bytes = 4;
constexpr std::size_t ipv6_bytes = 16;
constexpr std::size_t value_bytes_max = 4 + ipv6_bytes;

// What port and address are XORed with; nothing at all for the plain form.
struct mask {
    std::uint16_t port{0};
    std::array<std::byte, ipv6_bytes> address{};
};

mask mask_for(const transaction_id& id) noexcept {
    mask made{};
    byte_writer address{made.address};
    address.u32(magic_cookie);
    address.bytes(id.bytes);
    made.port = byte_reader{made.address}.u16();
    return made;
}

template <std::size_t Size>
std::array<std::uint8_t, Size> unmasked(std::span<const std::byte> bytes, const mask& with) noexcept {
    std::array<std::uint8_t, Size> address{};
    std::ranges::transform(bytes, with.address, std::as_writable_bytes(std::span{address}).begin(),
                           std::bit_xor{});
    return address;
}

void add(message_writer& message, attribute_type type, const net::endpoint& endpoint,
         const mask& with) noexcept {
    std::array<std::byte, value_bytes_max> storage{};
    byte_writer value{storage};
    value.u8(0);
    value.u8(static_cast<std::uint8_t>(to_wire(endpoint.address.family())));
    value.u16(endpoint.port ^ with.port);
    std::array<std::byte, ipv6_bytes> masked = with.address;
    const auto plain = std::as_bytes(endpoint.address.bytes());
    std::ranges::transform(plain, masked, masked.begin(), std::bit_xor{});
    value.bytes(std::span{masked}.first(plain.size()));
    message.add(type, value.written());
}

std::optional<net::endpoint> decode(std::span<const std::byte> value, const mask& with) noexcept {
    byte_reader reader{value};
    reader.u8();
    const auto family = static_cast<address_family>(reader.u8());
    const auto port = static_cast<std::uint16_t>(reader.u16() ^ with.port);
    const auto address = reader.rest();
    if (family == address_family::ipv4 && address.size() == ipv4_bytes) {
        return net::endpoint{net::address{unmasked<ipv4_bytes>(address, with)}, port};
    }
    if (family == address_family::ipv6 && address.size() == ipv6_bytes) {
        return net::endpoint{net::address{unmasked<ipv6_bytes>(address, with)}, port};
    }
    return std::nullopt;
}

}  // namespace

void add_address(message_writer& message, attribute_type type, const net::endpoint& endpoint) noexcept {
    add(message, type, endpoint, {});
}

std::optional<net::endpoint> decode_address(std::span<const std::byte> value) noexcept {
    return decode(value, {});
}

void add_xor_address(message_writer& message, attribute_type type, const net::endpoint& endpoint) noexcept {
    add(message, type, endpoint, mask_for(message.header().transaction_id));
}

std::optional<net::endpoint> decode_xor_address(std::span<const std::byte> value,
                                                const transaction_id& id) noexcept {
    return decode(value, mask_for(id));
}

}  // namespace turnix::stun
