// How many sessions the machine has room for: by descriptors, by relay ports and by memory.
#pragma once

#include "common/config/settings.hpp"

#include <cstdint>
#include <string>

namespace turnix::daemon {

struct machine_room {
    std::uint64_t descriptors{0};
    std::uint64_t memory_bytes{0};  ///< as memory_gauge has it: 0 when nobody can say
};

struct capacity {
    std::uint32_t sessions{0};
    std::uint32_t api_connections{0};  ///< open to the API at once: api.connections_max at most
    std::string reason;                ///< what sessions are bound by, as an operator would name it
};

/// Never more than relay.limits.sessions_max, never less than 1. A session takes at most two descriptors, its
/// client's connection included, one relay port and, with its share of the kernel's buffers, 64 KiB; half of
/// the memory is for sessions.
capacity capacity_of(const config::settings& settings, const machine_room& room);

}  // namespace turnix::daemon
