#include "relay/stun/stream_framer.hpp"

#include "relay/stun/bytes.hpp"
#include "relay/stun/channel_data.hpp"
#include "relay/stun/first_byte.hpp"

namespace turnix::stun {
namespace {

// Both protocols have a length in their third and fourth byte.
constexpr std::size_t length_prefix_bytes = 4;
static_assert(channel_data_header_bytes == length_prefix_bytes);
static_assert(frame_bytes_max >= channel_data_header_bytes + 65535 + padding_after(65535));

framing frame(std::span<const std::byte> readable, std::size_t message_bytes) noexcept {
    const auto frame_bytes = message_bytes + padding_after(message_bytes);
    if (readable.size() < frame_bytes) return need_more{frame_bytes - readable.size()};
    return framed_message{readable.first(message_bytes), frame_bytes};
}

}  // namespace

framing next_message(std::span<const std::byte> readable) noexcept {
    if (readable.empty()) return need_more{length_prefix_bytes};
    const auto protocol = protocol_of(readable.front());
    if (protocol == protocol::other) return framing_error::unknown_protocol;

    byte_reader reader{readable};
    reader.u16();
    const std::size_t length = reader.u16();
    if (reader.failed()) return need_more{length_prefix_bytes - readable.size()};
    if (protocol == protocol::channel_data) return frame(readable, channel_data_header_bytes + length);

    if (length % 4 != 0) return framing_error::wrong_length;
    const auto cookie = reader.u32();
    if (!reader.failed() && cookie != magic_cookie) return framing_error::wrong_cookie;
    return frame(readable, header_bytes + length);
}

}  // namespace turnix::stun
