// The TCP side of one relay port (RFC 6062): accepts what peers open to it, and opens connections from it.
//
// Listening and connecting sockets share the port: the listening one takes it exclusively, and lets others of
// this process join it afterwards (SO_REUSEPORT). Owned by the worker's tcp_relay, used on its thread.
#pragma once

#include "common/clock/instant.hpp"
#include "common/net/endpoint.hpp"
#include "relay/io/file_descriptor.hpp"
#include "relay/io/peer_socket.hpp"
#include "relay/turn/relay_ports.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <chrono>
#include <list>
#include <memory>
#include <optional>

namespace turnix::io {

/// RFC 6062 §5.2: at least this long a connection is tried.
inline constexpr std::chrono::seconds connect_patience{30};

/// Implemented by the worker. Calls come on its thread, and not from within a call to the port.
class peer_port_sink {
  public:
    peer_port_sink() = default;
    peer_port_sink(const peer_port_sink&) = delete;
    peer_port_sink& operator=(const peer_port_sink&) = delete;
    virtual ~peer_port_sink() = default;

    virtual void on_peer_accepted(turn::relay_handle at, const net::endpoint& peer,
                                  std::unique_ptr<peer_socket> connection) noexcept = 0;
    /// Null when it failed, or took too long.
    virtual void on_peer_connected(turn::relay_handle from, const net::endpoint& peer,
                                   std::unique_ptr<peer_socket> connection) noexcept = 0;
};

class peer_port : public std::enable_shared_from_this<peer_port> {
  public:
    struct parts {
        turn::relay_handle handle;
        net::endpoint local;
        file_descriptor listener;
    };
    /// The sink outlives it. Throws boost::system::system_error when the loop cannot watch the socket.
    peer_port(boost::asio::io_context& context, peer_port_sink& sink, parts given);

    /// Begins to accept. Once.
    void start();
    /// The sink hears of it later. False when it failed at once.
    [[nodiscard]] bool connect(const net::endpoint& peer);
    /// Gives up connections that take too long, and accepts again after a lack of descriptors.
    void on_tick(monotonic_time now);
    /// Nothing comes to the sink after it.
    void close();

  private:
    struct attempt {
        attempt(boost::asio::io_context& context, file_descriptor socket, const net::endpoint& to);

        boost::asio::posix::stream_descriptor descriptor;
        net::endpoint peer;
        std::optional<monotonic_time> since;  ///< its first tick
    };
    using attempts = std::list<std::shared_ptr<attempt>>;

    void wait_for_peers();
    void accept_all();
    /// False when none was there, or descriptors are short.
    bool accept_one();
    void on_ready(const std::shared_ptr<attempt>& tried);
    void give_up(const std::shared_ptr<attempt>& tried);

    boost::asio::io_context& context_;
    peer_port_sink& sink_;
    turn::relay_handle handle_;
    net::endpoint local_;
    boost::asio::posix::stream_descriptor listener_;
    attempts attempts_;
    bool paused_{false};
    bool closed_{false};
};

}  // namespace turnix::io
