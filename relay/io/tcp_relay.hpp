// TCP relaying of one worker (RFC 6062): the TCP side of its relay ports, and the pairs of connections that
// it serves, whichever worker's allocation they belong to.
//
// Owned by a worker, used on its thread only.
#pragma once

#include "common/clock/instant.hpp"
#include "relay/io/peer_port.hpp"
#include "relay/io/socket.hpp"
#include "relay/io/spliced_pair.hpp"
#include "relay/turn/connection_table.hpp"
#include "relay/turn/relay_ports.hpp"

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

namespace turnix::io {

class tcp_relay {
  public:
    /// Both outlive it.
    tcp_relay(boost::asio::io_context& context, peer_port_sink& sink) : context_{context}, sink_{sink} {}

    /// Opens the TCP side of a relay port at the endpoint where its datagram socket is bound. Why it could
    /// not, or nothing.
    [[nodiscard]] std::optional<bind_error> open(turn::relay_handle handle, const net::endpoint& local);
    /// Closes it, with the connections that are being made from it. Without effect on other ports.
    void close(turn::relay_handle handle) noexcept;
    /// The sink hears of it later. False when it failed at once.
    [[nodiscard]] bool connect(turn::relay_handle from, const net::endpoint& peer) noexcept;

    /// What a client's connection is handed over to when it is bound to this peer.
    [[nodiscard]] std::shared_ptr<stream_successor> serve(turn::waiting_connection bound);

    /// About four times a second: closes what has ended elsewhere and what takes too long.
    void on_tick(monotonic_time now);
    /// Closes everything.
    void close_all() noexcept;

  private:
    boost::asio::io_context& context_;
    peer_port_sink& sink_;
    std::vector<std::byte> scratch_;                    ///< of the pairs; empty until the first
    std::vector<std::shared_ptr<peer_port>> ports_;     ///< by handle; null where none is
    std::vector<std::shared_ptr<spliced_pair>> pairs_;  ///< those that have closed until the next tick
};

}  // namespace turnix::io
