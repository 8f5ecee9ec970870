// Sends messages of all sockets with one call (io_uring). The kernel does it within the call: whatever it
// cannot send at once, it refuses.
//
// Owned by an engine's send_batch. Allocates when made and never again.
#pragma once

#include "relay/io/message_carrier.hpp"
#include "relay/io/uring.hpp"

#include <cstdint>
#include <vector>

namespace turnix::io {

class uring_carrier final : public message_carrier {
  public:
    /// Throws std::system_error when the kernel refuses a ring.
    uring_carrier();

    void add(const file_descriptor& through, const msghdr& message) noexcept override;
    std::span<const refusal> carry() noexcept override;

  private:
    /// What the kernel did not take is refused, and does nothing when it is taken after all.
    void withdraw() noexcept;

    uring ring_;
    std::uint32_t added_{0};
    std::vector<refusal> refused_;
};

}  // namespace turnix::io
