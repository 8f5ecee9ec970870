// The TCP and TLS side of one worker: its listening sockets, its connections by handle, and their clock.
//
// Owned by a worker, used on its thread only; `counters` may be asked from any.
#pragma once

#include "common/clock/instant.hpp"
#include "common/contract/load_step.hpp"
#include "common/contract/relay_settings.hpp"
#include "common/net/cidr.hpp"
#include "relay/io/counters.hpp"
#include "relay/io/idle_connections.hpp"
#include "relay/io/stream_connection.hpp"
#include "relay/io/stream_listener.hpp"
#include "relay/io/tls_context.hpp"
#include "relay/turn/routes.hpp"

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace turnix::io {

/// What a stream server lives on; everything outlives it.
struct stream_server_environment {
    boost::asio::io_context& context;
    stream_sink& sink;
    idle_connections& idle;                  ///< the node's
    const contract::load_signal& load;       ///< the node's
    const contract::limit_settings& limits;  ///< may change between two connections
    std::span<const net::cidr> trusted_proxies{};
    const tls_context* tls{nullptr};  ///< null when no listener speaks TLS
};

class stream_server {
  public:
    stream_server(const stream_server_environment& environment,
                  std::vector<stream_listener_socket> listeners);

    void start();

    /// Queued until the next flush. Without effect when the connection is gone.
    void send_to_client(monotonic_time now, const turn::to_client& how,
                        std::span<const std::byte> payload) noexcept;
    void send_reply(monotonic_time now, const turn::client_path& path,
                    std::span<const std::byte> message) noexcept;
    /// Writes what was queued, gathered for each connection.
    void flush(monotonic_time now);

    /// Closes connections whose time is up, and lets paused listeners accept again. About four times a
    /// second.
    void on_tick(monotonic_time now);
    /// Closes everything; the sink is told of each connection.
    void close();

    [[nodiscard]] std::size_t connections() const noexcept { return connections_.size() - free_.size(); }
    [[nodiscard]] stream_totals counters() const noexcept { return counters_.totals(); }

  private:
    void on_accepted(accepted_connection accepted);
    /// False when its source has too many. Throws without memory.
    bool begin(accepted_connection accepted);
    void add_slot();
    [[nodiscard]] bool is_trusted_proxy(const net::address& source) const noexcept;
    [[nodiscard]] stream_connection* find(const turn::client_path& path) const noexcept;
    /// False, with the message counted as dropped, when there is no memory.
    bool is_to_be_flushed(const stream_connection& connection) noexcept;

    stream_server_environment environment_;
    stream_counters counters_;
    std::vector<std::byte> scratch_;
    stream_environment shared_;
    std::vector<std::unique_ptr<stream_listener>> listeners_;
    std::vector<std::shared_ptr<stream_connection>> connections_;  ///< by handle; null where none is
    std::vector<std::uint32_t> free_;                              ///< handles to be used again
    std::vector<std::uint32_t> queued_;                            ///< handles to be flushed
};

}  // namespace turnix::io
