// The datagram engine that runs on every Linux: recvmmsg and sendmmsg, and one UDP socket for each
// allocation.
//
// Owned by a worker, used on its thread only.
#pragma once

#include "relay/io/polled_engine.hpp"
#include "relay/io/relay_sockets.hpp"

#include <cstdint>

namespace turnix::io {

class epoll_engine final : public polled_engine {
  public:
    /// Throws std::system_error when the epoll set cannot be made.
    epoll_engine(boost::asio::io_context& context, std::vector<datagram_listener> listeners,
                 const wake_up_pacer& pacer);

    [[nodiscard]] std::string_view name() const noexcept override { return "epoll"; }

    [[nodiscard]] result<turn::relay_handle, bind_error> open_relay(
        const net::endpoint& local) noexcept override;
    [[nodiscard]] result<turn::relay_handle, bind_error> adopt_relay(file_descriptor socket,
                                                                     net::family family) noexcept override;
    [[nodiscard]] file_descriptor release_relay(turn::relay_handle handle) noexcept override;
    void close_relay(turn::relay_handle handle) noexcept override;

    void send_to_peer(const turn::to_peer& what) noexcept override;

  private:
    void serve(std::uint32_t key, std::uint32_t events) noexcept override;
    void finish_batch() noexcept override { relays_.renew(); }
    void receive_from_peers(std::uint32_t index) noexcept;

    relay_sockets relays_{outgoing()};
};

}  // namespace turnix::io
