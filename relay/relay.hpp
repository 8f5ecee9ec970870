// The relay of this node, as the daemon sees it: N workers, each with its own thread, sockets and sessions.
//
// Made, started and stopped on one thread (the daemon's main thread). Events are taken by one thread; what
// else session_control offers, and `counters`, may be asked from any. What the workers own is reached only on
// their threads.
#pragma once

#include "common/contract/load_step.hpp"
#include "common/contract/relay_settings.hpp"
#include "common/contract/session_control.hpp"
#include "common/credential/key_ring.hpp"
#include "common/net/address.hpp"
#include "relay/counters.hpp"
#include "relay/debug_wish.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace turnix::turn {
class alternate_servers;
}

namespace turnix::relay {

struct relay_options {
    contract::relay_settings settings;
    std::shared_ptr<const credential::key_ring> keys;
    /// "auto" or the name of a datagram engine: "shared", "uring", "epoll".
    std::string engine{"auto"};
    std::chrono::microseconds coalesce{0};  ///< see io::wake_up_pacer
    /// Addresses of this node beyond listeners and relay addresses (API, gossip, interfaces): never peers.
    std::vector<net::address> own_addresses;
    /// Where clients are sent that this node takes no more; null: nowhere. Outlives the relay.
    const turn::alternate_servers* alternates{nullptr};
};

class relay final : public contract::session_control {
  public:
    /// Binds every listener. Throws std::runtime_error that names the address or file, the fault and the
    /// remedy: port in use, address not of this host, certificate missing, no relay address, unknown engine,
    /// a file of relay.interop that cannot be used.
    explicit relay(relay_options options);
    /// Stops first when that has not been done.
    ~relay() override;
    relay(const relay&) = delete;
    relay& operator=(const relay&) = delete;

    /// Starts the workers' threads. Once.
    void start();

    /// As configured, with the ports that were really bound.
    [[nodiscard]] const std::vector<contract::listener_settings>& listeners() const noexcept;
    [[nodiscard]] std::size_t workers() const noexcept;
    /// The engine that serves.
    [[nodiscard]] std::string_view engine() const noexcept;

    /// TLS and DTLS clients that come later see this certificate. Throws std::runtime_error that names the
    /// file, the fault and the remedy, and changes nothing then. Any thread.
    void renew_certificate(const contract::tls_settings& settings);

    /// What a reload changes of these settings holds from here on: lifetimes, the family that is relayed in
    /// when a client asks for none, the peer policy, and every limit, but of sessions no more than at the
    /// start: tables were made for so many. Live permissions, channels and connections with peers that are
    /// denied now end; sessions that are too many go on, and connections that are open keep their
    /// stream_queue_*. Any thread, does not wait.
    void change(const contract::relay_settings& settings);
    /// These keys open credentials from soon on: a snapshot for each worker. What lives goes on. Any thread.
    void use_keys(const std::shared_ptr<const credential::key_ring>& keys);

    /// What the node does without from here on. Any thread, does not wait.
    void shed(contract::load_step step) noexcept;

    /// The log tells of this credential from here on, until its time is over; in the place of the one before,
    /// or of none any more. Any thread, does not wait.
    void look_for(const std::optional<debug_wish>& wish);

    /// Ends all sessions (reason: shutdown), joins the workers and returns how many sessions it ended.
    /// take_events yields the last events after it.
    std::size_t stop();

    [[nodiscard]] contract::relay_load load() const noexcept override;
    void set_draining(bool draining) override;
    void take_events(std::vector<contract::session_event>& into) override;
    [[nodiscard]] std::shared_ptr<const std::vector<contract::live_session>> live_sessions() override;
    bool terminate(const session_id& which) override;
    void use(std::shared_ptr<const contract::override_set> overrides) override;
    void limit(const project_id& project, const contract::project_limits& limits,
               std::uint64_t bytes_used) override;

    /// Summed over the workers.
    [[nodiscard]] relay_totals counters() const noexcept;
    /// One number for each worker, which grows four times a second while its loop turns. Any thread.
    [[nodiscard]] std::vector<std::uint64_t> worker_ticks() const;

  private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace turnix::relay
