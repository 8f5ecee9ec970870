// The gossip of this node on the network: a UDP socket and a timer around the agent, which knows of neither.
//
// Control thread. Many datagrams at once cost the API no more than their share: what is beyond
// datagrams_per_tick waits in the kernel, which drops what it cannot keep.
#pragma once

#include "api/fleet/fleet_view.hpp"
#include "api/fleet/gossip/agent.hpp"
#include "common/contract/session_control.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/generic/datagram_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace turnix::fleet {

struct gossip_link_options {
    net::endpoint address;  ///< to listen at
    crypto::secret<32> key;
    std::vector<gossip::known_node> nodes;
    gossip::key_ring_pointer keys;
    std::uint32_t starts{1};  ///< see count_start
    gossip::served_ports ports;
    std::vector<gossip::fact> facts;  ///< that this node's store knows
    /// Called with what others have decided.
    std::function<void(const gossip::fact&)> learn;
    /// Called at every tick.
    std::function<void(std::shared_ptr<const fleet_view>)> show;
    /// For the log: "eu.example.net in eu-central".
    std::function<std::string(const gossip::node_id&)> name_of;
};

class gossip_link {
  public:
    static constexpr std::size_t datagrams_per_tick = 200;

    /// Binds. Throws std::runtime_error with the address, the fault and the remedy. `relay` outlives this,
    /// which outlives the last run of its executor.
    gossip_link(const boost::asio::any_io_executor& executor, gossip_link_options options,
                const contract::session_control& relay);

    void start();
    /// From here on these nodes are of the fleet, too, at these addresses.
    void add(const std::vector<gossip::known_node>& nodes) { agent_.add(nodes); }
    /// From here on the nodes talk under these keys.
    void use(gossip::key_ring_pointer keys) { agent_.use(std::move(keys)); }
    /// The others that live, as far as this node knows.
    [[nodiscard]] std::vector<gossip::node_id> living() const;
    [[nodiscard]] const gossip::node_id& id() const noexcept { return agent_.id(); }
    /// Tells every node; `then` is called, once, with those of the fleet that have not confirmed it and have
    /// not left, when all who live have, or after gossip::delivery_time.
    void publish(gossip::fact made, std::function<void(std::vector<gossip::node_id> missing)> then);
    /// Tells the others that this node stops: when the executor no longer runs.
    void leave();

  private:
    void wait();
    void tick();
    void receive();
    void take(std::size_t bytes);
    void send();
    void take_facts();
    void end_deliveries();
    [[nodiscard]] std::vector<gossip::node_id> missing(std::span<const gossip::node_id> confirmed) const;
    void log_changes();
    void show(monotonic_time now);
    [[nodiscard]] gossip::node_status status() const noexcept;

    boost::asio::generic::datagram_protocol::socket socket_;
    boost::asio::steady_timer timer_;
    const contract::session_control& relay_;
    gossip::served_ports ports_;
    std::function<void(std::shared_ptr<const fleet_view>)> show_;
    std::function<std::string(const gossip::node_id&)> name_of_;
    std::function<void(const gossip::fact&)> learn_;
    std::map<gossip::delivery_number, std::function<void(std::vector<gossip::node_id>)>> awaited_;
    gossip::agent agent_;
    gossip::node_status declared_;
    path_list paths_;
    monotonic_time paths_at_;  ///< when they are looked at again
    bool was_minority_{false};
    bool receives_{false};
    std::size_t received_{0};  ///< since the last tick
    std::array<std::byte, gossip::datagram_bytes_max + 1> buffer_{};
};

}  // namespace turnix::fleet
