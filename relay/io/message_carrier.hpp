// A way to the kernel for messages of many sockets in one call, where an engine has one.
//
// Owned by an engine's send_batch, used on its worker's thread.
#pragma once

#include "relay/io/file_descriptor.hpp"

#include <cstdint>
#include <span>

#include <sys/socket.h>

namespace turnix::io {

class message_carrier {
  public:
    struct refusal {
        std::uint32_t message;  ///< counted from the last call of carry
        int error;
    };

    message_carrier() = default;
    message_carrier(const message_carrier&) = delete;
    message_carrier& operator=(const message_carrier&) = delete;
    virtual ~message_carrier() = default;

    /// Both hold until it has been carried. At most send_batch::datagrams_max between two calls of carry.
    virtual void add(const file_descriptor& through, const msghdr& message) noexcept = 0;
    /// Gives them to the kernel in their order; nothing waits for it after that. Those it refused, in their
    /// order; valid until the next call.
    virtual std::span<const refusal> carry() noexcept = 0;
};

}  // namespace turnix::io
