// What the protocol core needs of the I/O layer while it handles a request: ports to relay through.
#pragma once

#include "common/net/endpoint.hpp"
#include "common/net/result.hpp"
#include "relay/turn/routes.hpp"

#include <cstdint>
#include <memory>

namespace turnix::turn {

enum class port_error : std::uint8_t {
    family_not_served,  ///< no relay address of that family is configured: 440
    insufficient,       ///< no port, descriptor or memory is left: 508
};

struct relay_port {
    relay_handle handle;
    net::endpoint local;       ///< where the socket is bound
    net::endpoint advertised;  ///< what the client is told (XOR-RELAYED-ADDRESS)
};

struct port_request {
    net::family family{net::family::ipv4};
    /// The server address the client spoke to: its own relay address is preferred when it has one.
    net::address server;
    bool even{false};  ///< only an even port will do
    /// For TCP connections with peers (RFC 6062), not for datagrams. The number is nobody else's for either.
    bool tcp{false};
};

/// A relay port that is bound, so that nobody else can have it, and that no worker serves: reserved, or on
/// its way from one worker to another. Destroying it frees the port. It may change threads.
class reserved_port {
  public:
    reserved_port() = default;
    reserved_port(const reserved_port&) = delete;
    reserved_port& operator=(const reserved_port&) = delete;
    virtual ~reserved_port() = default;
};

struct port_pair {
    relay_port even;
    std::unique_ptr<reserved_port> next;  ///< the port after it, on the same address
};

/// Implemented by relay/io; one for each worker, called on its thread only.
class relay_ports {
  public:
    relay_ports() = default;
    relay_ports(const relay_ports&) = delete;
    relay_ports& operator=(const relay_ports&) = delete;
    virtual ~relay_ports() = default;

    /// Opens a port at random in the configured range and enters it into node_ports. No other program or
    /// worker shares it.
    [[nodiscard]] virtual result<relay_port, port_error> open(const port_request& request) = 0;
    /// An even port, and the next one reserved. No moment lies between the two.
    [[nodiscard]] virtual result<port_pair, port_error> open_pair(const port_request& request) = 0;
    /// Takes up a port that this worker or another one of the node reserved or released. It is freed when
    /// that fails.
    [[nodiscard]] virtual result<relay_port, port_error> open_reserved(
        std::unique_ptr<reserved_port> reserved) = 0;
    /// From here on nothing arrives under this handle, but the port stays in node_ports, and what peers send
    /// waits in it for the worker that takes it up.
    [[nodiscard]] virtual std::unique_ptr<reserved_port> release(relay_handle handle) = 0;
    /// Begins a TCP connection from a port that was opened for them; server::on_peer_connected follows,
    /// unless the port is closed before. False when it failed already.
    [[nodiscard]] virtual bool connect(relay_handle from, const net::endpoint& peer) noexcept = 0;
    /// From here on nothing arrives under this handle, and it is out of node_ports.
    virtual void close(relay_handle handle) noexcept = 0;
};

}  // namespace turnix::turn
