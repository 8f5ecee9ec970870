#include "relay/stun/channel_data.hpp"

#include "relay/stun/bytes.hpp"

#include <stdexcept>

namespace turnix::stun {

void throw_exception_from_error(channel_data_error /*error*/, const boost::source_location& /*where*/) {
    throw std::invalid_argument{"not ChannelData"};
}

result<channel_data, channel_data_error> channel_data::parse(std::span<const std::byte> datagram) noexcept {
    if (datagram.size() < channel_data_header_bytes) return channel_data_error::too_short;
    byte_reader reader{datagram};
    const channel_number channel{reader.u16()};
    if (!channel.is_valid()) return channel_data_error::no_channel;
    const auto payload = reader.take(reader.u16());
    if (reader.failed()) return channel_data_error::length_beyond_datagram;
    return channel_data{channel, payload};
}

std::array<std::byte, channel_data_header_bytes> channel_data_header(channel_number channel,
                                                                     std::uint16_t payload_bytes) noexcept {
    std::array<std::byte, channel_data_header_bytes> header{};
    byte_writer writer{header};
    writer.u16(channel.value);
    writer.u16(payload_bytes);
    return header;
}

}  // namespace turnix::stun
