// How long a client on a connection may take, over TCP, TLS or DTLS: docs/security.md, "What strangers may
// cost".
#pragma once

#include <chrono>

namespace turnix::io {

struct patience {
    std::chrono::seconds handshake{5};      ///< with everything before it
    std::chrono::seconds first_message{5};  ///< after accept, or after a TLS or DTLS handshake
    std::chrono::seconds idle{30};          ///< without a message, and without an allocation
    std::chrono::seconds stalled{30};       ///< with something queued, and nothing taken
};

}  // namespace turnix::io
