// The datagram engine on io_uring: the kernel receives by itself into buffers of ours, and one call sends for
// all sockets. One UDP socket for each allocation, no privilege.
//
//   kernel ──▶ uring_receiver ──▶ sink ──▶ send_batch ──▶ uring_carrier ──▶ kernel
//
// A datagram that comes while its port is released may be lost when other ports are released at the same
// time.
//
// Owned by a worker, used on its thread only; needs Linux 6.1.
#pragma once

#include "relay/io/listening_engine.hpp"
#include "relay/io/relay_sockets.hpp"
#include "relay/io/uring_receiver.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace turnix::io {

class uring_engine final : public listening_engine {
  public:
    /// Throws std::system_error that says what the kernel lacks.
    uring_engine(boost::asio::io_context& context, std::vector<datagram_listener> listeners,
                 const wake_up_pacer& pacer,
                 std::unique_ptr<uring_receiver> receiver = std::make_unique<uring_receiver>());

    /// Sends and receives a datagram by the engine's means. Throws std::system_error that says what the
    /// kernel lacks or forbids.
    static void probe();

    [[nodiscard]] std::string_view name() const noexcept override { return "uring"; }

    void start(datagram_sink& sink) override;
    void stop() noexcept override { receiver_->stop(); }

    [[nodiscard]] result<turn::relay_handle, bind_error> open_relay(
        const net::endpoint& local) noexcept override;
    [[nodiscard]] result<turn::relay_handle, bind_error> adopt_relay(file_descriptor socket,
                                                                     net::family family) noexcept override;
    [[nodiscard]] file_descriptor release_relay(turn::relay_handle handle) noexcept override;
    void close_relay(turn::relay_handle handle) noexcept override;

    void send_to_peer(const turn::to_peer& what) noexcept override;
    void flush() noexcept override;

  private:
    void before_wait() noexcept override { receiver_->before_wait(); }
    bool serve_once() noexcept override;
    void show(std::uint32_t slot, const received_datagram& datagram) noexcept;
    void show_error(std::uint32_t slot) noexcept;
    /// Slots of the receiver: listeners first, then relay handles.
    [[nodiscard]] std::uint32_t slot_of(turn::relay_handle handle) const noexcept {
        return first_relay_ + handle.index;
    }

    std::unique_ptr<uring_receiver> receiver_;
    std::uint32_t first_relay_;
    relay_sockets relays_{outgoing()};
    std::vector<std::uint32_t> troubled_;  ///< handles whose error queues are to be looked at
};

}  // namespace turnix::io
