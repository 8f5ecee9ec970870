// One relay worker: a thread, its event loop, its sockets, and the protocol core with the sessions it serves.
//
// Made on the main thread; from start to join everything but the members that say so belongs to its own
// thread. It joins the datagram engine and the stream server to the core: what arrives is shown to the core,
// and the core's effects are carried out. One clock reading serves a batch.
#pragma once

#include "common/clock/instant.hpp"
#include "common/contract/live_session.hpp"
#include "common/contract/override_set.hpp"
#include "common/contract/relay_settings.hpp"
#include "common/contract/session_event.hpp"
#include "common/credential/key_ring.hpp"
#include "common/telemetry/counter.hpp"
#include "common/telemetry/latency_histogram.hpp"
#include "common/telemetry/rate_limited_log.hpp"
#include "relay/counters.hpp"
#include "relay/credential_debug.hpp"
#include "relay/crossing_inbox.hpp"
#include "relay/event_queue.hpp"
#include "relay/io/datagram_engine.hpp"
#include "relay/io/dtls_server.hpp"
#include "relay/io/engine_factory.hpp"
#include "relay/io/idle_connections.hpp"
#include "relay/io/port_pool.hpp"
#include "relay/io/stream_server.hpp"
#include "relay/io/tcp_relay.hpp"
#include "relay/io/tls_context.hpp"
#include "relay/published_rules.hpp"
#include "relay/turn/connection_table.hpp"
#include "relay/turn/crossing.hpp"
#include "relay/turn/interop_credentials.hpp"
#include "relay/turn/node_admission.hpp"
#include "relay/turn/node_mobility.hpp"
#include "relay/turn/node_ports.hpp"
#include "relay/turn/reservation_table.hpp"
#include "relay/turn/server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <span>
#include <thread>
#include <utility>
#include <vector>

namespace turnix::relay {

/// What the workers of a node share. Outlives them.
struct node_environment {
    const contract::relay_settings& settings;
    std::shared_ptr<const credential::key_ring> keys;
    const turn::interop_credentials& interop;
    io::engine_factory& engines;
    turn::node_admission& admission;
    turn::node_ports& ports;
    turn::reservation_table& reservations;
    turn::connection_table& connections;
    turn::node_mobility& mobility;
    io::idle_connections& idle;
    const io::cookie_authority& cookies;
    const published_rules& rules;
    const turn::alternate_servers* alternates{nullptr};  ///< null: nobody is sent elsewhere
    const io::tls_context* tls{nullptr};                 ///< null when no listener speaks TLS
    const io::tls_context* dtls{nullptr};                ///< null when no listener speaks DTLS
};

/// One worker's own listening sockets.
struct worker_sockets {
    std::vector<io::datagram_listener> datagrams;
    std::vector<io::stream_listener_socket> streams;
};

class worker final : io::datagram_sink, io::stream_sink, io::dtls_sink, io::peer_port_sink, turn::crossings {
  public:
    worker(const node_environment& node, std::size_t number, worker_sockets sockets);
    ~worker() override;

    /// Main thread, before any worker starts: all workers of the node by number, which outlive their threads.
    void meet(std::vector<worker*> all) { all_ = std::move(all); }
    /// Main thread. Once. Throws std::runtime_error, with the remedy, when its thread cannot begin.
    void start();
    [[nodiscard]] bool is_running() const noexcept { return thread_.joinable(); }
    /// Any thread: new Allocates are refused, or taken again, as soon as the future is ready.
    std::future<void> set_draining(bool draining);
    /// Any thread: its sessions as they are when it gets to it.
    std::future<std::vector<contract::live_session>> sessions();
    /// Any thread: ends the session of that id (reason: terminated); whether there was one.
    std::future<bool> terminate(const session_id& which);
    /// Any thread: the node's newest rules hold soon, and what other workers have sent is taken.
    void look_soon() noexcept;
    /// Any thread: see credential_debug.
    void look_for(std::optional<debug_wish> wish);
    /// Any thread: ends all sessions and leaves the loop.
    void request_stop();
    /// Main thread, after request_stop.
    void join() { thread_.join(); }
    /// Main thread, when every worker has been joined: how many sessions the stop ended, those included that
    /// were on their way here.
    std::size_t finish();

    /// One thread: the control side's.
    void take_events(std::vector<contract::session_event>& into) { events_.take(into); }
    /// Any thread.
    void add_counters(relay_totals& to) const noexcept;
    /// Grows four times a second while the worker's loop turns. Any thread.
    [[nodiscard]] std::uint64_t ticks() const noexcept { return ticks_.value(); }

  private:
    /// Runs `task` on the worker's thread, as a batch of its own.
    template <class Task>
    auto ask(Task task) -> std::future<decltype(task())>;
    void launch(std::promise<void> began);
    void run(std::promise<void> began);
    void begin();
    void stop();
    void wait_for_tick();
    void on_tick(monotonic_time due);
    /// Any thread: for this worker.
    void receive(turn::crossing what);
    void on_crossings();
    void use_newest_rules();
    /// Who goes on with the client's stream, when that stops being TURN's.
    std::shared_ptr<io::stream_successor> carry_out(const turn::client_path& path,
                                                    const turn::client_effect& effect) noexcept;
    void tell(const std::optional<turn::notice>& told) noexcept;
    /// The path from another UDP listener of the node to the same client.
    [[nodiscard]] turn::client_path from_listener(const net::endpoint& server,
                                                  turn::client_path path) const noexcept;
    /// The core's effect on a message of a client.
    turn::client_effect ask_core(const turn::client_path& path, std::span<const std::byte> message) noexcept;
    void send(const turn::client_path& path, std::span<const std::byte> message) noexcept;
    void warn_of_shortage();
    void warn_of_memory();

    void on_batch() noexcept override;
    void on_clients_ahead(std::span<const turn::client_path> clients) noexcept override;
    void on_relays_ahead(std::span<const turn::relay_handle> ports) noexcept override;
    void on_client_datagram(const turn::client_path& path, std::span<std::byte> message) noexcept override;
    void on_peer_datagram(turn::relay_handle at, const net::endpoint& peer,
                          std::span<const std::byte> payload) noexcept override;
    void on_peer_error(turn::relay_handle at, const net::endpoint& peer,
                       const stun::icmp_error& error) noexcept override;
    void on_batch_end() noexcept override;

    monotonic_time on_stream_batch() noexcept override;
    std::shared_ptr<io::stream_successor> on_stream_message(
        const turn::client_path& path, std::span<const std::byte> message) noexcept override;
    void on_stream_batch_end() noexcept override;
    void on_stream_closed(const turn::client_path& path) noexcept override;

    void on_dtls_message(const turn::client_path& path, std::span<const std::byte> message) noexcept override;
    void on_dtls_closed(const turn::client_path& path) noexcept override;
    void send_dtls(const turn::client_path& path, std::span<const std::byte> datagram) noexcept override;
    [[nodiscard]] bool has_time_for_stranger() noexcept override;

    /// Asked by both sides.
    [[nodiscard]] bool has_allocation(const turn::client_path& path) const noexcept override;

    void on_peer_accepted(turn::relay_handle at, const net::endpoint& peer,
                          std::unique_ptr<io::peer_socket> connection) noexcept override;
    void on_peer_connected(turn::relay_handle from, const net::endpoint& peer,
                           std::unique_ptr<io::peer_socket> connection) noexcept override;
    void post(turn::worker_number to, turn::crossing what) override;
    void carry_out_now(const turn::client_path& path, const turn::client_effect& effect) override;

    std::size_t number_;
    contract::relay_settings settings_;  ///< this thread's own: the protocol core reads them
    const published_rules& rules_;
    rules_in_use rules_in_use_;
    boost::asio::io_context context_{1};
    boost::asio::steady_timer timer_{context_};
    telemetry::counter ticks_;
    telemetry::latency_histogram lag_;  ///< of the ticks: what else is due waits as long
    instant now_{instant::now()};
    event_queue events_;
    credential_debug debug_;
    crossing_inbox inbox_;
    std::vector<worker*> all_;
    std::vector<net::endpoint> listening_at_;     ///< by the engine's listener handles
    std::vector<io::datagram_protocols> spoken_;  ///< likewise
    std::unique_ptr<io::datagram_engine> engine_;
    io::tcp_relay tcp_;
    io::port_pool ports_;
    turn::server server_;
    io::stream_server streams_;
    io::dtls_server dtls_;
    telemetry::rate_limited_log descriptor_warning_{"relay.io"};
    telemetry::rate_limited_log send_queue_warning_{"relay.io"};
    telemetry::rate_limited_log proxy_warning_{"relay.io"};
    telemetry::rate_limited_log memory_warning_{"relay"};
    telemetry::counter out_of_memory_;  ///< handlers that ended for want of it
    std::uint64_t memory_failures_warned_of_{0};
    relay_totals warned_of_;
    std::size_t ended_by_stop_{0};
    std::thread thread_;
};

}  // namespace turnix::relay
