#include "relay/stun/message_view.hpp"

#include "relay/stun/bytes.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace turnix::stun {
namespace {

constexpr std::uint16_t first_two_bits = 0xc000;

attribute take_attribute(byte_reader& body) noexcept {
    const auto type = static_cast<attribute_type>(body.u16());
    const auto length = body.u16();
    const auto value = body.take(length);
    body.take(padding_after(length));
    return {type, value};
}

result<attribute_type_filter, message_error> types_of(std::span<const std::byte> attributes) noexcept {
    attribute_type_filter types;
    byte_reader body{attributes};
    std::size_t count = 0;
    while (!body.rest().empty()) {
        if (++count > attributes_max) return message_error::too_many_attributes;
        const auto each = take_attribute(body);
        if (body.failed()) return message_error::malformed_attribute;
        if (each.type == attribute_type::fingerprint && !body.rest().empty()) {
            return message_error::fingerprint_not_last;
        }
        types.add(each.type);
    }
    return types;
}

}  // namespace

std::string_view to_string(message_error value) noexcept {
    switch (value) {
        case message_error::too_short:
            return "shorter than a STUN header";
        case message_error::not_stun:
            return "the first two bits are not zero";
        case message_error::wrong_cookie:
            return "the magic cookie is missing";
        case message_error::wrong_length:
            return "the length is not that of the message";
        case message_error::malformed_attribute:
            return "an attribute reaches beyond the message";
        case message_error::too_many_attributes:
            return "too many attributes";
        case message_error::fingerprint_not_last:
            return "FINGERPRINT is not the last attribute";
    }
    return "unknown error";
}

void throw_exception_from_error(message_error error, const boost::source_location& /*where*/) {
    throw std::invalid_argument{std::string{to_string(error)}};
}

bool attribute_iterator::counts(attribute_type type) const noexcept {
    if (type == attribute_type::fingerprint) return true;
    if (after_integrity_sha256_) return false;
    return !after_integrity_ || type == attribute_type::message_integrity_sha256;
}

attribute_iterator& attribute_iterator::operator++() noexcept {
    byte_reader body{rest_};
    do {
        at_end_ = body.rest().empty();
        if (at_end_) return *this;
        current_ = take_attribute(body);
    } while (!counts(current_.type));
    rest_ = body.rest();
    after_integrity_ = after_integrity_ || current_.type == attribute_type::message_integrity;
    after_integrity_sha256_ =
        after_integrity_sha256_ || current_.type == attribute_type::message_integrity_sha256;
    return *this;
}

result<message_view, message_error> message_view::parse(std::span<const std::byte> datagram) noexcept {
    if (datagram.size() < header_bytes) return message_error::too_short;
    byte_reader reader{datagram};
    const auto type = reader.u16();
    const auto length = reader.u16();
    if ((type & first_two_bits) != 0) return message_error::not_stun;
    if (reader.u32() != magic_cookie) return message_error::wrong_cookie;
    message_header header{method_of(type), class_of(type), {}};
    std::ranges::copy(reader.take(header.transaction_id.bytes.size()), header.transaction_id.bytes.begin());

    const auto body = reader.rest();
    if (length % 4 != 0 || length != body.size()) return message_error::wrong_length;
    const auto types = types_of(body);
    if (!types) return types.error();
    return message_view{datagram, header, *types};
}

std::optional<std::span<const std::byte>> message_view::find(attribute_type type) const noexcept {
    if (!types_.may_have(type)) return std::nullopt;
    for (const auto& each : attributes()) {
        if (each.type == type) return each.value;
    }
    return std::nullopt;
}

std::span<const std::byte> message_view::bytes_before(const attribute& own) const noexcept {
    const auto value_offset = static_cast<std::size_t>(own.value.data() - bytes_.data());
    return bytes_.first(value_offset - attribute_header_bytes);
}

}  // namespace turnix::stun
