// The datagram engine without relay sockets. What peers send is steered in the kernel to one UDP socket a
// worker and family; what goes to peers leaves through one raw socket a worker and relay address. So an
// allocation costs no socket to wait for, and a batch spans all allocations both ways.
//
//   peer ──▶ port_steering ──▶ one recvmmsg ──▶ sink ──▶ raw_sender ──▶ one sendmmsg ──▶ peer
//
// A port is claimed by binding it exclusively first: it is then nobody else's. The socket is kept as a place
// holder, unless the system keeps the ports of the range for us anyway (reserved_ports). A raw socket sends
// no joined datagrams: a burst that came joined leaves through a socket of its allocation's own.
//
// Owned by a worker, used on its thread only.
#pragma once

#include "relay/io/handle_list.hpp"
#include "relay/io/icmp_reader.hpp"
#include "relay/io/polled_engine.hpp"
#include "relay/io/port_steering.hpp"
#include "relay/io/raw_sender.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace turnix::io {

/// What the shared engines of a node have in common.
struct shared_engine_options {
    port_steering& steering;  ///< outlives the engine
    std::span<const net::address> relay_addresses;
    std::size_t worker{0};
    wake_up_pacer pacer;
    bool hold_ports{true};  ///< keep what bound a port while it is open
};

class shared_engine final : public polled_engine {
  public:
    /// Throws std::system_error when the system refuses a socket.
    shared_engine(boost::asio::io_context& context, std::vector<datagram_listener> listeners,
                  const shared_engine_options& options);

    [[nodiscard]] std::string_view name() const noexcept override { return "shared"; }
    void start(datagram_sink& sink) override;

    [[nodiscard]] result<turn::relay_handle, bind_error> open_relay(
        const net::endpoint& local) noexcept override;
    [[nodiscard]] result<turn::relay_handle, bind_error> adopt_relay(file_descriptor socket,
                                                                     net::family family) noexcept override;
    [[nodiscard]] file_descriptor release_relay(turn::relay_handle handle) noexcept override;
    void close_relay(turn::relay_handle handle) noexcept override;

    void send_to_peer(const turn::to_peer& what) noexcept override;
    void flush() noexcept override;

  private:
    static constexpr std::size_t ports = 65'536;

    struct relay {
        std::size_t place{0};
        std::uint16_t port{0};
        bool is_open{false};
        /// What bound the port, where it is kept, and through which bursts leave joined; opened for these
        /// when it was not.
        datagram_socket own;
        bool own_refused{false};
        std::uint32_t raw_in{0};  ///< the batch in which it last sent through the raw socket
    };
    struct relay_address {
        relay_address(const net::address& at, datagram_counters& counters)
            : local{at}, sender{at, counters} {}

        net::address local;
        raw_sender sender;
        /// Handle + 1; 0 where no port is open. Pages that no port needed are never touched.
        std::unique_ptr<std::uint32_t[]> by_port{std::make_unique<std::uint32_t[]>(ports)};
    };
    /// What a family needs that has a relay address.
    struct family_sockets {
        file_descriptor peers;  ///< receives what is steered to this worker
        icmp_reader icmp;
    };

    void serve(std::uint32_t key, std::uint32_t events) noexcept override;
    void finish_batch() noexcept override;
    void receive_from_peers(const file_descriptor& socket) noexcept;
    void show_peers(const receive_batch::run& group) noexcept;
    /// Where a steered datagram came to; none when it was closed meanwhile.
    [[nodiscard]] std::optional<turn::relay_handle> relay_of(
        const received_datagram& datagram) const noexcept;
    void receive_what_waited(std::uint32_t handle) noexcept;
    void receive_errors(icmp_reader& icmp) noexcept;
    void open_family(net::family family);
    /// The claim on a port that `holder` is bound to.
    [[nodiscard]] result<turn::relay_handle, bind_error> claim(const net::endpoint& local,
                                                               file_descriptor holder) noexcept;
    void give_up_claim(turn::relay_handle handle) noexcept;
    [[nodiscard]] net::endpoint local_of(const relay& of) const noexcept;
    [[nodiscard]] std::optional<turn::relay_handle> relay_at(const net::endpoint& local) const noexcept;
    [[nodiscard]] bool leaves_joined(relay& from, const turn::to_peer& what) noexcept;
    void send_oversized(const oversized_datagram& oversized) noexcept;
    void send_in_fragments(const raw_datagram& datagram) noexcept;

    port_steering& steering_;
    std::size_t worker_;
    bool hold_ports_;
    std::deque<relay_address> addresses_;  ///< by place
    std::array<std::optional<family_sockets>, 2> families_;
    std::deque<relay> relays_;  ///< by handle
    handle_list handles_;
    std::vector<oversized_datagram> to_report_;
    std::uint32_t batch_{1};
};

}  // namespace turnix::io
