// How datagrams get in and out: the interface that every engine stands behind, and whom it reports to.
//
// One engine for each worker, used on its thread only. It receives in batches, hands each datagram to the
// sink, collects what is sent meanwhile and gives it to the kernel at the end of the batch. Bytes are lent,
// not copied: what the sink is shown holds until the engine's next flush. Nothing here allocates per packet.
//
//   kernel ──▶ on_batch, on_client_datagram / on_peer_datagram … ──▶ sink ──▶ send_… ──▶ flush ──▶ kernel
#pragma once

#include "common/net/endpoint.hpp"
#include "common/net/result.hpp"
#include "relay/io/counters.hpp"
#include "relay/io/file_descriptor.hpp"
#include "relay/io/socket.hpp"
#include "relay/stun/attributes.hpp"
#include "relay/turn/routes.hpp"

#include <cstddef>
#include <span>
#include <string_view>

namespace turnix::io {

/// What clients of a datagram listener may speak; at least one.
struct datagram_protocols {
    bool udp{false};
    bool dtls{false};

    void add(net::transport transport) noexcept { (transport == net::transport::dtls ? dtls : udp) = true; }
};

/// A bound socket that clients send to. Its place in the engine's list is the handle of its client paths. The
/// engine shows every datagram as UDP: what is DTLS, its sink finds out.
struct datagram_listener {
    file_descriptor socket;
    net::endpoint
        address;  ///< with the bound port; unspecified: replies leave from where the request came to
    datagram_protocols serves{.udp = true};
};

/// Implemented by the worker. Calls come on its thread and may call back into the engine.
class datagram_sink {
  public:
    datagram_sink() = default;
    datagram_sink(const datagram_sink&) = delete;
    datagram_sink& operator=(const datagram_sink&) = delete;
    virtual ~datagram_sink() = default;

    /// Datagrams follow: the moment to read the clock.
    virtual void on_batch() noexcept = 0;
    /// Datagrams of these clients, or at these ports, follow at once: a moment to fetch what they need of
    /// memory. At most turn::fetched_ahead_max.
    virtual void on_clients_ahead(std::span<const turn::client_path> /*clients*/) noexcept {}
    virtual void on_relays_ahead(std::span<const turn::relay_handle> /*ports*/) noexcept {}
    /// Writable, because DTLS decrypts a record where it stands.
    virtual void on_client_datagram(const turn::client_path& path, std::span<std::byte> message) noexcept = 0;
    virtual void on_peer_datagram(turn::relay_handle at, const net::endpoint& peer,
                                  std::span<const std::byte> payload) noexcept = 0;
    /// ICMP reports on a datagram that was sent to `peer`.
    virtual void on_peer_error(turn::relay_handle at, const net::endpoint& peer,
                               const stun::icmp_error& error) noexcept = 0;
    /// The batch is over; the engine flushes after it.
    virtual void on_batch_end() noexcept = 0;
};

class datagram_engine {
  public:
    datagram_engine() = default;
    datagram_engine(const datagram_engine&) = delete;
    datagram_engine& operator=(const datagram_engine&) = delete;
    virtual ~datagram_engine() = default;

    [[nodiscard]] virtual std::string_view name() const noexcept = 0;

    /// Datagrams come to the sink from here on, out of the io_context that the engine was made with.
    virtual void start(datagram_sink& sink) = 0;
    /// Nothing comes to the sink from here on. Called on the thread that called start, which may end before
    /// the engine does.
    virtual void stop() noexcept {}

    /// A port for one allocation, exclusively. Peers' datagrams come under the handle until it is closed.
    [[nodiscard]] virtual result<turn::relay_handle, bind_error> open_relay(
        const net::endpoint& local) noexcept = 0;
    /// The same for a relay socket that was bound elsewhere.
    [[nodiscard]] virtual result<turn::relay_handle, bind_error> adopt_relay(file_descriptor socket,
                                                                             net::family family) noexcept = 0;
    /// What was sent before still leaves; nothing more arrives, but waits in the socket for the engine that
    /// adopts it. Not while the sink is shown a datagram.
    [[nodiscard]] virtual file_descriptor release_relay(turn::relay_handle handle) noexcept = 0;
    /// What was sent before still leaves; nothing more arrives.
    virtual void close_relay(turn::relay_handle handle) noexcept = 0;

    /// The payload must hold until the next flush. What is sent on while the sink is shown a datagram carries
    /// that one's DSCP and ECN, and a TTL of its own (RFC 8656 §14); what comes from a stream carries none
    /// (§15).
    virtual void send_to_peer(const turn::to_peer& what) noexcept = 0;
    /// The payload must hold until the next flush; header and padding leave around it.
    virtual void send_to_client(const turn::to_client& how, std::span<const std::byte> payload) noexcept = 0;
    /// A message that the core built in its scratch: copied. The path's transport is UDP.
    virtual void send_reply(const turn::client_path& path, std::span<const std::byte> message) noexcept = 0;

    /// Gives to the kernel what was sent. The engine does so after each batch; whoever sends at other times
    /// (streams, timers) calls it.
    virtual void flush() noexcept = 0;

    /// Any thread.
    [[nodiscard]] virtual datagram_totals counters() const noexcept = 0;
};

}  // namespace turnix::io
