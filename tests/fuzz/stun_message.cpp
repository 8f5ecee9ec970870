// STUN messages: what is accepted, written again, is read as the same, and so is each value that decodes.
#include "relay/stun/attributes.hpp"
#include "relay/stun/error_code.hpp"
#include "relay/stun/fingerprint.hpp"
#include "relay/stun/integrity.hpp"
#include "tests/fuzz/target.hpp"

#include <algorithm>
#include <array>
#include <vector>

using namespace turnix;
using fuzz::expect;

namespace {

bool same(const stun::attribute& a, const stun::attribute& b) {
    return a.type == b.type && std::ranges::equal(a.value, b.value);
}

// What a decoder makes of a value, written again, decodes to the same.
template <class Decode, class Encode>
void check_codec(std::span<const std::byte> value, Decode decode, Encode encode) {
    const auto decoded = decode(value);
    if (!decoded) return;
    std::array<std::byte, 64> buffer{};
    stun::message_writer writer{buffer, {}};
    encode(writer, *decoded);
    const auto written = stun::message_view::parse(writer.message()).value();
    expect(decode(written.attributes().begin()->value) == decoded);
}

void check_codecs(std::span<const std::byte> value) {
    using type = stun::attribute_type;
    check_codec(value, stun::decode_lifetime, stun::add_lifetime);
    check_codec(value, stun::decode_channel_number, stun::add_channel_number);
    check_codec(value, stun::decode_requested_transport, stun::add_requested_transport);
    check_codec(value, stun::decode_even_port, stun::add_even_port);
    check_codec(value, stun::decode_password_algorithm, stun::add_password_algorithm);
    check_codec(value, stun::decode_error_code, stun::add_error_code);
    check_codec(value, stun::decode_address, [](auto& writer, const auto& endpoint) {
        stun::add_address(writer, type::mapped_address, endpoint);
    });
    check_codec(
        value, [](auto bytes) { return stun::decode_xor_address(bytes, {}); },
        [](auto& writer, const auto& endpoint) {
            stun::add_xor_address(writer, type::xor_mapped_address, endpoint);
        });
    check_codec(value, stun::decode_reservation_token,
                [](auto& writer, const auto& token) { writer.add(type::reservation_token, token); });
}

}  // namespace

void turnix::fuzz::run(std::span<const std::byte> input) {
    const auto message = stun::message_view::parse(input);
    if (!message) return;

    std::vector<std::byte> buffer(input.size());
    stun::message_writer writer{buffer, message->header()};
    for (const auto& each : message->attributes()) {
        check_codecs(each.value);
        writer.add(each.type, each.value);
    }
    const auto again = stun::message_view::parse(writer.message()).value();
    expect(again.header() == message->header());
    expect(std::ranges::equal(message->attributes(), again.attributes(), same));

    static_cast<void>(stun::check_fingerprint(*message));
    const auto key = std::as_bytes(std::span{"a key that no input was made with"});
    expect(!stun::has_valid_message_integrity(*message, key));
    expect(!stun::has_valid_message_integrity_sha256(*message, key));
}
