#include "relay/stun/fingerprint.hpp"

#include "relay/stun/bytes.hpp"

#include <boost/crc.hpp>

namespace turnix::stun {

std::uint32_t fingerprint_of(std::span<const std::byte> message) noexcept {
    constexpr std::uint32_t stun_in_ascii = 0x5354554e;
    boost::crc_32_type crc;
    crc.process_bytes(message.data(), message.size());
    return crc.checksum() ^ stun_in_ascii;
}

fingerprint_state check_fingerprint(const message_view& message) noexcept {
    for (const auto& each : message.attributes()) {
        if (each.type != attribute_type::fingerprint) continue;
        byte_reader value{each.value};
        const auto received = value.u32();
        const auto is_whole = !value.failed() && value.rest().empty();
        return is_whole && received == fingerprint_of(message.bytes_before(each)) ? fingerprint_state::correct
                                                                                  : fingerprint_state::wrong;
    }
    return fingerprint_state::absent;
}

}  // namespace turnix::stun
