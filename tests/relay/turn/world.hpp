// A node with a worker and, for clients that move, a second one, without sockets and with a clock of the
// test's own: what the core is tested in.
#pragma once

#include "common/credential/sealed_credential.hpp"
#include "relay/turn/alternate_servers.hpp"
#include "relay/turn/connection_table.hpp"
#include "relay/turn/counters.hpp"
#include "relay/turn/crossing.hpp"
#include "relay/turn/interop_credentials.hpp"
#include "relay/turn/node_admission.hpp"
#include "relay/turn/node_mobility.hpp"
#include "relay/turn/node_ports.hpp"
#include "relay/turn/relay_ports.hpp"
#include "relay/turn/reservation_table.hpp"
#include "relay/turn/server.hpp"
#include "tests/relay/turn/addresses.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <span>
#include <utility>
#include <vector>

namespace turnix::turn_test {

using namespace std::chrono_literals;

/// Hands out ports of its range in their order and indices as small as can be; says no when it is told to.
class fake_relay_ports final : public turn::relay_ports {
  public:
    fake_relay_ports(const contract::relay_settings& settings, turn::node_ports& node,
                     contract::port_range range)
        : settings_{settings}, node_{node}, range_{range}, next_port_{range.first} {}

    result<turn::relay_port, turn::port_error> open(const turn::port_request& request) override;
    result<turn::port_pair, turn::port_error> open_pair(const turn::port_request& request) override;
    result<turn::relay_port, turn::port_error> open_reserved(
        std::unique_ptr<turn::reserved_port> reserved) override;
    [[nodiscard]] std::unique_ptr<turn::reserved_port> release(turn::relay_handle handle) override;
    bool connect(turn::relay_handle from, const net::endpoint& peer) noexcept override;
    void close(turn::relay_handle handle) noexcept override;

    [[nodiscard]] std::size_t open_ports() const noexcept { return open_.size(); }
    [[nodiscard]] std::size_t reserved_ports() const noexcept { return reserved_; }

    std::size_t ports_max{10'000};
    std::optional<net::family> exhausted;
    bool refuses_reserved{false};
    bool refuses_connects{false};
    std::vector<turn::port_request> requests;
    /// Peers that the core asked for a connection with, and from where.
    std::vector<std::pair<turn::relay_handle, net::endpoint>> connects;

  private:
    struct held_port;
    std::uint16_t take_number() noexcept;
    turn::relay_port opened(const contract::relay_address_settings& address, std::uint16_t port);

    const contract::relay_settings& settings_;
    turn::node_ports& node_;
    std::map<std::uint32_t, net::endpoint> open_;
    std::size_t reserved_{0};
    contract::port_range range_;
    std::uint16_t next_port_;
};

/// Counts those that are open.
struct fake_stream final : turn::peer_stream {
    explicit fake_stream(int& count) : open{count} { ++open; }
    ~fake_stream() override { --open; }
    int& open;
};

class recording_observer final : public contract::session_observer {
  public:
    void on_session_event(contract::session_event event) noexcept override {
        events.push_back(std::move(event));
    }

    /// Those of one kind, in their order.
    template <class Event>
    [[nodiscard]] std::vector<Event> all() const {
        std::vector<Event> found;
        for (const auto& each : events) {
            if (const auto* const event = std::get_if<Event>(&each)) found.push_back(*event);
        }
        return found;
    }

    std::vector<contract::session_event> events;
};

/// Names the server that a test has set, and remembers who asked.
class fake_alternates final : public turn::alternate_servers {
  public:
    [[nodiscard]] std::optional<turn::alternate_server> find(
        const turn::client_path& client, const credential::claims& claims) const override {
        asked.emplace_back(client, claims.id);
        return server;
    }

    std::optional<turn::alternate_server> server;
    mutable std::vector<std::pair<turn::client_path, credential_id>> asked;
};

/// Relays on 192.0.2.10 (known outside as 203.0.113.10) and 2001:db8::10; listens on 192.0.2.1 and
/// 2001:db8::1, which are addresses of the node too.
contract::relay_settings default_settings();

/// What one worker says to the others waits here for the test to deliver it.
class fake_crossings final : public turn::crossings {
  public:
    /// By the worker that it is for.
    using mailboxes = std::array<std::deque<turn::crossing>, 2>;
    /// What went out to a client or a peer in the course of a delivery.
    struct carried_out {
        turn::client_path path;
        std::vector<std::byte> message;  ///< to the client, or the payload to the peer
        std::optional<turn::to_peer> to_peer;
    };

    explicit fake_crossings(mailboxes& to) : to_{to} {}
    void post(turn::worker_number to, turn::crossing what) override {
        to_.at(to).push_back(std::move(what));
        if (after_post) after_post();
    }
    void carry_out_now(const turn::client_path& path, const turn::client_effect& effect) override;

    std::vector<carried_out> carried;
    std::function<void()> after_post;  ///< what others do before it returns, where a test wants that

  private:
    mailboxes& to_;
};

class world {
  public:
    using adjustment = std::function<void(contract::relay_settings&)>;

    explicit world(
        const adjustment& adjust = [](contract::relay_settings&) {}, turn::interop_credentials let_in = {});

    /// Both clocks go on, with a tick every second, or only one at the end.
    void pass(std::chrono::seconds time);
    void jump(std::chrono::seconds time);

    /// A room "room", expiry in an hour, sessions up to a day; adjusted.
    [[nodiscard]] credential::claims claims() const;
    [[nodiscard]] credential::issued_credential issue(const credential::claims& claims);

    [[nodiscard]] turn::server& worker(turn::worker_number number) { return number == 0 ? server : second; }
    [[nodiscard]] fake_relay_ports& ports_of(turn::worker_number number) {
        return number == 0 ? ports : second_ports;
    }
    /// Delivers one message that waits for that worker; false when none does.
    bool deliver(turn::worker_number to);
    /// Delivers until nothing waits.
    void deliver_all();
    /// The oldest message that was carried out for this client meanwhile; empty when there is none.
    std::vector<std::byte> take_carried(const turn::client_path& path);

    [[nodiscard]] turn::server_totals totals() const { return server.counters().totals(); }
    [[nodiscard]] std::uint64_t drops(turn::drop_reason reason) const { return totals().drops_of(reason); }

    /// What surrounds the serving of a client's message, where a test wants that.
    std::function<turn::client_effect(const std::function<turn::client_effect()>& serve)> around;

    instant now{.monotonic = monotonic_time{1'000'000s}, .wall = wall_time{1'800'000'000s}};
    contract::relay_settings settings;
    std::shared_ptr<const credential::key_ring> keys;
    turn::interop_credentials interop;
    credential::credential_sealer sealer;
    turn::node_admission admission;
    turn::node_ports own_ports;
    fake_relay_ports ports;
    turn::reservation_table reservations;  ///< its ports are of `ports`, which outlives it
    turn::connection_table connections;
    turn::node_mobility mobility;
    recording_observer observer;
    fake_alternates alternates;
    fake_crossings::mailboxes mailboxes;
    fake_crossings crossings{mailboxes};
    fake_relay_ports second_ports;
    fake_crossings second_crossings{mailboxes};
    turn::server server;
    turn::server second;

  private:
    [[nodiscard]] turn::server_environment environment_of(turn::worker_number number);
};

}  // namespace turnix::turn_test
