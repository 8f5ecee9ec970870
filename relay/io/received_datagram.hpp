// A datagram as an engine took it from the kernel, with others of its size joined to it where the kernel does
// so (UDP_GRO). A value; any thread.
#pragma once

#include "common/net/endpoint.hpp"
#include "relay/io/packet_control.hpp"

#include <algorithm>
#include <cstddef>
#include <span>

namespace turnix::io {

struct received_datagram {
    net::endpoint from;
    packet_control control;  ///< its segment_bytes is 0 unless it came joined with others
    std::span<std::byte> payload;
};

/// Shows joined ones apart.
template <class Show>
void show_apart(received_datagram datagram, Show show) noexcept {
    auto rest = datagram.payload;
    const std::size_t segment = datagram.control.segment_bytes;
    if (segment == 0 || segment >= rest.size()) datagram.control.segment_bytes = 0;
    do {
        const bool is_joined = datagram.control.segment_bytes != 0;
        datagram.payload = is_joined ? rest.first(std::min(segment, rest.size())) : rest;
        rest = rest.subspan(datagram.payload.size());
        show(datagram);
    } while (!rest.empty());
}

}  // namespace turnix::io
