// A ring of buffers that the kernel takes from when a datagram comes (io_uring), and how a datagram stands in
// one:
//
//   | what was received | source | control data | payload, up to 65,535 bytes |
//
// Owned by a uring_receiver, used on its thread.
#pragma once

#include "relay/io/received_datagram.hpp"
#include "relay/io/uring.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include <sys/socket.h>

namespace turnix::io {

class uring_buffers {
  public:
    /// `count` is a power of two. Throws std::system_error when the kernel has no such rings.
    uring_buffers(uring& ring, std::uint16_t group, unsigned count);

    /// What recvmsg is told of the layout. Holds for good.
    [[nodiscard]] static msghdr* layout() noexcept;

    /// The datagram in a buffer of which the kernel filled `bytes`.
    [[nodiscard]] received_datagram read(std::uint16_t buffer, std::size_t bytes) noexcept;

    /// The kernel filled it: it is given back with the others.
    void on_taken(std::uint16_t buffer) noexcept { taken_.push_back(buffer); }
    /// The kernel may fill again what it filled since the last time.
    void give_back() noexcept;

  private:
    struct freed {
        void operator()(io_uring_buf_ring* ring) const noexcept { std::free(ring); }
    };
    [[nodiscard]] std::byte* at(std::uint16_t buffer) noexcept;

    unsigned count_;
    std::unique_ptr<std::byte[]> memory_;
    std::unique_ptr<io_uring_buf_ring, freed> ring_;
    std::vector<std::uint16_t> taken_;
};

}  // namespace turnix::io
