// A peer's payload becomes a message for a client in place: header and padding are put into the room that a
// datagram engine keeps around it.
#pragma once

#include "relay/turn/routes.hpp"

#include <algorithm>
#include <cstddef>
#include <span>

namespace turnix::io {

/// `payload` has room for the longest header before it and the most padding behind it.
inline std::span<const std::byte> frame_in_place(const turn::to_client& how,
                                                 std::span<std::byte> payload) noexcept {
    std::byte* const begin = payload.data() - how.header_bytes;
    std::ranges::copy(how.header(), begin);
    std::fill_n(payload.data() + payload.size(), how.padding, std::byte{0});
    return {begin, how.header_bytes + payload.size() + how.padding};
}

}  // namespace turnix::io
