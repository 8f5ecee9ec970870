// What turnix-bench is asked to do.
#pragma once

#include "common/net/endpoint.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace turnix::bench {

enum class mode : std::uint8_t {
    c2p,    ///< clients send, the peer receives
    p2c,    ///< the peer sends, clients receive
    both,   ///< half of each
    alloc,  ///< what an Allocate and a ChannelBind cost
    hold,   ///< what an idle allocation costs
};

struct load {
    mode what{mode::c2p};
    net::endpoint server;
    net::address peer;                      ///< where the peer binds; an address that the server may relay to
    std::optional<net::address> clients{};  ///< where they bind; none: as the way to the server has it
    std::string username;
    std::string password;
    std::size_t allocations{100};
    std::size_t payload_bytes{160};
    std::size_t burst{1};       ///< datagrams that one allocation sends in a row
    std::uint64_t rate{0};      ///< datagrams a second over all allocations; 0: as fast as they arrive
    std::uint64_t window{256};  ///< datagrams on their way at most
    std::chrono::seconds duration{5};
    bool gso{false};    ///< a burst is one send, and what arrives may be one as well
    int server_pid{0};  ///< 0: not known
};

}  // namespace turnix::bench
