// The UDP sockets of relay ports, one for each allocation, by their handles.
//
// Owned by an engine, used on its worker's thread. A handle that was closed serves again after the batch.
#pragma once

#include "relay/io/datagram_engine.hpp"
#include "relay/io/handle_list.hpp"
#include "relay/io/send_batch.hpp"

#include <cstdint>
#include <deque>

namespace turnix::io {

class relay_sockets {
  public:
    /// What is sent through them waits in `outgoing`.
    explicit relay_sockets(send_batch& outgoing) noexcept : outgoing_{outgoing} {}

    /// The handle that add gives next.
    [[nodiscard]] std::uint32_t next() const noexcept { return handles_.next(); }
    /// Without memory it throws, and the socket is closed.
    turn::relay_handle add(file_descriptor socket, net::family family);
    /// What was sent before leaves, and the handle is nobody's.
    [[nodiscard]] file_descriptor take(turn::relay_handle handle) noexcept;
    /// The same for a socket that another engine adopts.
    [[nodiscard]] file_descriptor take_whole(turn::relay_handle handle) noexcept;
    /// The batch has left.
    void renew() noexcept { handles_.renew(); }

    [[nodiscard]] const file_descriptor& descriptor(std::uint32_t index) const noexcept {
        return sockets_[index].descriptor;
    }
    [[nodiscard]] bool is_open(std::uint32_t index) const noexcept {
        return sockets_[index].descriptor.is_open();
    }

    /// With that DSCP and ECN.
    void send(const turn::to_peer& what, std::uint8_t traffic_class) noexcept;
    /// Tells what the socket's error queue says; how many errors were in it.
    int show_errors(std::uint32_t index, datagram_sink& sink) noexcept;

  private:
    send_batch& outgoing_;
    std::deque<datagram_socket> sockets_;  ///< by handle; closed ones have no descriptor
    handle_list handles_;
};

}  // namespace turnix::io
