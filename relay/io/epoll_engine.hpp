// The datagram engine that runs on every Linux: recvmmsg and sendmmsg on sockets of its own epoll set, and
// one UDP socket for each allocation.
//
// Asio waits for a single descriptor, the epoll set itself, and runs the engine when something in it is
// ready. One look at the set then serves every socket that has something, in one batch: re-arming each socket
// with Asio would cost a system call for each of them. Listeners go first, so that many busy relay ports
// cannot starve the clients; a budget of looks lets timers and streams have their turn.
//
// Owned by a worker, used on its thread only.
#pragma once

#include "relay/io/datagram_engine.hpp"
#include "relay/io/receive_batch.hpp"
#include "relay/io/send_batch.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include <sys/epoll.h>

namespace turnix::io {

class epoll_engine final : public datagram_engine {
  public:
    /// Throws std::system_error when the epoll set cannot be made.
    epoll_engine(boost::asio::io_context& context, std::vector<datagram_listener> listeners);

    [[nodiscard]] std::string_view name() const noexcept override { return "epoll"; }
    void start(datagram_sink& sink) override;

    [[nodiscard]] result<turn::relay_handle, bind_error> open_relay(
        const net::endpoint& local) noexcept override;
    [[nodiscard]] result<turn::relay_handle, bind_error> adopt_relay(file_descriptor socket,
                                                                     net::family family) noexcept override;
    void close_relay(turn::relay_handle handle) noexcept override;

    void send_to_peer(const turn::to_peer& what) noexcept override;
    void send_to_client(const turn::to_client& how, std::span<std::byte> payload) noexcept override;
    void send_reply(const turn::client_path& path, std::span<const std::byte> message) noexcept override;
    void flush() noexcept override;

    [[nodiscard]] datagram_totals counters() const noexcept override { return counters_.totals(); }

  private:
    struct listener {
        datagram_socket socket;
        net::endpoint address;
        bool any_address{false};
    };
    static constexpr std::size_t events_max = 128;

    void wait();
    void serve() noexcept;
    /// One look at the set; false when nothing was ready.
    bool serve_once() noexcept;
    void receive_from_clients(std::uint32_t index) noexcept;
    void receive_from_peers(std::uint32_t index) noexcept;
    void receive_errors(std::uint32_t index) noexcept;
    receive_batch::run receive(const file_descriptor& socket, std::size_t limit) noexcept;
    [[nodiscard]] bool watch(const file_descriptor& socket, std::uint64_t key) noexcept;
    [[nodiscard]] outgoing_datagram towards(const turn::client_path& path,
                                            std::span<const std::byte> payload) const noexcept;

    datagram_counters counters_;
    receive_batch received_;
    send_batch outgoing_{counters_};
    std::vector<listener> listeners_;
    std::deque<datagram_socket> relays_;  ///< by handle; closed ones have no descriptor
    std::vector<std::uint32_t> free_;     ///< handles to be used again
    std::vector<std::uint32_t> retired_;  ///< closed since the last flush
    std::vector<epoll_event> events_;
    std::uint8_t shown_traffic_class_{0};  ///< of the datagram that the sink is shown
    boost::asio::posix::stream_descriptor set_;
    datagram_sink* sink_{nullptr};
};

}  // namespace turnix::io
