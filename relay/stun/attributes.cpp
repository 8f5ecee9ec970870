#include "relay/stun/attributes.hpp"

#include "relay/stun/bytes.hpp"

#include <algorithm>
#include <limits>

namespace turnix::stun {
namespace {

// A value of four bytes whose first one says something and whose others are reserved.
void add_leading_byte(message_writer& message, attribute_type type, std::uint8_t byte) noexcept {
    message.add(type, std::array{std::byte{byte}, std::byte{0}, std::byte{0}, std::byte{0}});
}

std::optional<std::uint8_t> decode_leading_byte(std::span<const std::byte> value) noexcept {
    if (value.size() != 4) return std::nullopt;
    return byte_reader{value}.u8();
}

constexpr std::uint8_t reserve_next_bit = 0x80;
constexpr std::size_t password_algorithm_bytes = 4;
constexpr std::uint32_t change_address_bit = 4;
constexpr std::uint32_t change_port_bit = 2;

std::array<std::byte, password_algorithm_bytes> encoded(password_algorithm algorithm) noexcept {
    std::array<std::byte, password_algorithm_bytes> storage{};
    byte_writer value{storage};
    value.u16(static_cast<std::uint16_t>(algorithm));
    value.u16(0);  // no parameters
    return storage;
}

}  // namespace

std::string_view decode_text(std::span<const std::byte> value) noexcept {
    const void* const start = value.data();
    return {static_cast<const char*>(start), value.size()};
}

void add_lifetime(message_writer& message, std::chrono::seconds lifetime) noexcept {
    constexpr std::int64_t lifetime_max_s = std::numeric_limits<std::uint32_t>::max();
    std::array<std::byte, 4> value{};
    byte_writer{value}.u32(
        static_cast<std::uint32_t>(std::clamp<std::int64_t>(lifetime.count(), 0, lifetime_max_s)));
    message.add(attribute_type::lifetime, value);
}

std::optional<std::chrono::seconds> decode_lifetime(std::span<const std::byte> value) noexcept {
    if (value.size() != 4) return std::nullopt;
    return std::chrono::seconds{byte_reader{value}.u32()};
}

void add_channel_number(message_writer& message, channel_number channel) noexcept {
    std::array<std::byte, 4> value{};
    byte_writer{value}.u16(channel.value);
    message.add(attribute_type::channel_number, value);
}

std::optional<channel_number> decode_channel_number(std::span<const std::byte> value) noexcept {
    if (value.size() != 4) return std::nullopt;
    return channel_number{byte_reader{value}.u16()};
}

void add_requested_transport(message_writer& message, transport_protocol protocol) noexcept {
    add_leading_byte(message, attribute_type::requested_transport, static_cast<std::uint8_t>(protocol));
}

std::optional<transport_protocol> decode_requested_transport(std::span<const std::byte> value) noexcept {
    const auto protocol = decode_leading_byte(value);
    if (!protocol) return std::nullopt;
    return static_cast<transport_protocol>(*protocol);
}

void add_address_family(message_writer& message, attribute_type type, net::family family) noexcept {
    add_leading_byte(message, type, static_cast<std::uint8_t>(to_wire(family)));
}

std::optional<address_family> decode_address_family(std::span<const std::byte> value) noexcept {
    const auto family = decode_leading_byte(value);
    if (!family) return std::nullopt;
    return static_cast<address_family>(*family);
}

void add_even_port(message_writer& message, bool reserve_next) noexcept {
    message.add(attribute_type::even_port,
                std::array{std::byte{reserve_next ? reserve_next_bit : std::uint8_t{0}}});
}

std::optional<bool> decode_even_port(std::span<const std::byte> value) noexcept {
    if (value.size() != 1) return std::nullopt;
    return (byte_reader{value}.u8() & reserve_next_bit) != 0;
}

std::optional<reservation_token> decode_reservation_token(std::span<const std::byte> value) noexcept {
    reservation_token token{};
    if (value.size() != token.size()) return std::nullopt;
    std::ranges::copy(value, token.begin());
    return token;
}

void add_connection_id(message_writer& message, connection_id id) noexcept {
    std::array<std::byte, 4> value{};
    byte_writer{value}.u32(id.value);
    message.add(attribute_type::connection_id, value);
}

std::optional<connection_id> decode_connection_id(std::span<const std::byte> value) noexcept {
    if (value.size() != 4) return std::nullopt;
    return connection_id{byte_reader{value}.u32()};
}

void add_unknown_attributes(message_writer& message, const unknown_attributes& unknown) noexcept {
    std::array<std::byte, unknown_attributes_max * sizeof(attribute_type)> storage{};
    byte_writer value{storage};
    for (const auto type : unknown) value.u16(static_cast<std::uint16_t>(type));
    message.add(attribute_type::unknown_attributes, value.written());
}

void add_password_algorithm(message_writer& message, password_algorithm algorithm) noexcept {
    message.add(attribute_type::password_algorithm, encoded(algorithm));
}

std::optional<password_algorithm> decode_password_algorithm(std::span<const std::byte> value) noexcept {
    byte_reader reader{value};
    const auto algorithm = static_cast<password_algorithm>(reader.u16());
    const auto parameters_bytes = reader.u16();
    if (reader.failed() || parameters_bytes != reader.rest().size()) return std::nullopt;
    return algorithm;
}

void add_password_algorithms(message_writer& message,
                             std::span<const password_algorithm> algorithms) noexcept {
    std::array<std::byte, 2 * password_algorithm_bytes> storage{};
    byte_writer value{storage};
    for (const auto algorithm : algorithms) value.bytes(encoded(algorithm));
    message.add(attribute_type::password_algorithms, value.written());
}

bool is_password_algorithms(std::span<const std::byte> value,
                            std::span<const password_algorithm> offered) noexcept {
    byte_reader reader{value};
    const auto matches = [&](password_algorithm algorithm) {
        return std::ranges::equal(reader.take(password_algorithm_bytes), encoded(algorithm));
    };
    return std::ranges::all_of(offered, matches) && reader.rest().empty();
}

void add_change_request(message_writer& message, const change_request& change) noexcept {
    std::array<std::byte, 4> value{};
    byte_writer{value}.u32((change.address ? change_address_bit : 0U) | (change.port ? change_port_bit : 0U));
    message.add(attribute_type::change_request, value);
}

std::optional<change_request> decode_change_request(std::span<const std::byte> value) noexcept {
    if (value.size() != 4) return std::nullopt;
    const auto flags = byte_reader{value}.u32();
    return change_request{.address = (flags & change_address_bit) != 0,
                          .port = (flags & change_port_bit) != 0};
}

bool carries_mtu(net::family family, const icmp_error& error) noexcept {
    return family == net::family::ipv4 ? error.type == 3 && error.code == 4 : error.type == 2;
}

void add_icmp(message_writer& message, const icmp_error& error) noexcept {
    // Seven bits of type and nine of code share two bytes.
    constexpr unsigned codes = 512;
    std::array<std::byte, 8> storage{};
    byte_writer value{storage};
    value.u16(0);
    value.u16(static_cast<std::uint16_t>(error.type % 128U * codes + error.code % codes));
    value.u32(error.data);
    message.add(attribute_type::icmp, storage);
}

}  // namespace turnix::stun
