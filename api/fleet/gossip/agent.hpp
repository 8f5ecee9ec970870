// One node's part in the gossip: who lives is found out by probing, told on, and agreed upon (SWIM with
// Lifeguard's local health).
//
// Sans-I/O: datagrams, time and randomness come in, datagrams go out as values. Each node probes one other
// after the other; who does not answer, neither directly nor through others, is suspected, and dead when
// nobody has heard of it until the suspicion ends. A node that hears of a suspicion against itself refutes it
// with its next incarnation. What gets lost on the way is found by comparing digests. Owner's thread.
#pragma once

#include "api/fleet/gossip/acquaintances.hpp"
#include "api/fleet/gossip/delivery_book.hpp"
#include "api/fleet/gossip/envelope.hpp"
#include "api/fleet/gossip/fact_ledger.hpp"
#include "api/fleet/gossip/member_draw.hpp"
#include "api/fleet/gossip/member_table.hpp"
#include "api/fleet/gossip/news_queue.hpp"
#include "api/fleet/gossip/probe_book.hpp"
#include "api/fleet/gossip/round_trip_book.hpp"
#include "api/fleet/gossip/timetable.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

namespace turnix::gossip {

struct agent_options {
    crypto::secret<32> key;         ///< of this node's Ed25519 key
    std::vector<known_node> nodes;  ///< of the fleet; with this one or without
    key_ring_pointer keys;
    /// Greater than every incarnation of this node's earlier starts, with room for what refuting adds.
    std::uint64_t incarnation{1};
    node_status status;
    std::vector<fact> facts{};  ///< that this node's store knows
    random_source random;
};

struct outgoing {
    net::endpoint to;
    std::vector<std::byte> datagram;
};

/// Datagrams since the start.
struct agent_counters {
    std::uint64_t sent{0};
    std::uint64_t received{0};  ///< and understood
    std::uint64_t refused{0};   ///< of no node of the fleet, for another one, changed, or malformed
    std::uint64_t replayed{0};
    std::uint64_t unproven{0};  ///< of a start that has not proven itself: challenged
};

class agent {
  public:
    agent(agent_options options, instant now);

    void on_datagram(std::span<const std::byte> datagram, instant now);
    /// To be called every gossip::tick.
    void on_tick(instant now);
    /// From here on this is what the node says of itself.
    void declare(const node_status& status);
    /// From here on these nodes are of the fleet, too, at these addresses.
    void add(std::span<const known_node> nodes) { table_.add(nodes); }
    /// From here on datagrams are sealed and opened with these keys.
    void use(key_ring_pointer keys) { envelope_.use(std::move(keys)); }
    /// From here on this holds everywhere; every node that lives is told at once. What is no newer than
    /// what is held, or too large, or finds no room is not told: zero.
    delivery_number publish(fact made, instant now);
    /// Tells everyone that this node stops.
    void leave(instant now);

    /// What is to be sent, in order; the next call has what came after.
    [[nodiscard]] std::vector<outgoing> take_outgoing() noexcept;
    [[nodiscard]] std::vector<state_change> take_changes() noexcept { return table_.take_changes(); }
    /// What other nodes have told since the last call, in order.
    [[nodiscard]] std::vector<fact> take_facts() noexcept { return std::exchange(learned_, {}); }
    /// What was published and has come as far as it will within delivery_time.
    [[nodiscard]] std::vector<delivery> take_deliveries(instant now) {
        return deliveries_.take_ended(now.monotonic);
    }

    [[nodiscard]] const node_id& id() const noexcept { return own_.values.node; }
    /// The others.
    [[nodiscard]] std::span<const member> members() const noexcept { return table_.members(); }
    [[nodiscard]] const member* find(const node_id& node) const noexcept { return table_.find(node); }
    /// Of three nodes or more that were ever seen, itself counted, at most half live: what is dead may just
    /// be out of reach. The node then spreads no verdict of death.
    [[nodiscard]] bool is_minority() const noexcept { return table_.is_minority(); }
    /// Between all nodes, as far as this one knows.
    [[nodiscard]] std::vector<measured_path> paths() const { return round_trips_.all(); }
    [[nodiscard]] const agent_counters& counters() const noexcept { return counters_; }

  private:
    void on_hello(const member& from, const opened_datagram& datagram, const hello& said, instant now);
    void on_news(const news& told, instant now);
    void on_record(const signed_record& told);
    void on_verdict(const verdict& told, instant now);
    void on_fact(const signed_fact& told, instant now);
    /// Answered before, without what only proven nodes may say.
    void on_body(const member& /*from*/, const hello& /*said*/, instant /*now*/) const noexcept {}
    void on_body(const member& from, const ping& said, instant now);
    void on_body(const member& from, const ping_request& said, instant now);
    void on_body(const member& from, const ack& said, instant now);
    void on_body(const member& from, const nack& said, instant now);
    void on_body(const member& from, const digest& said, instant now);
    void on_body(const member& /*from*/, const tidings& /*said*/, instant /*now*/) const noexcept {}
    void on_body(const member& from, const summary& said, instant now);
    void on_body(const member& from, const inventory& said, instant now);
    void on_body(const member& from, const fact_delivery& said, instant now);
    void on_body(const member& from, const receipt& said, instant now);
    void on_body(const member& from, const round_trips& said, instant now);

    void notice_pause(monotonic_time now);
    void end_probes(instant now);
    void end_favours(instant now);
    void end_suspicions(instant now);
    void probe_next(instant now);
    void ask_relays(probe& of, instant now);
    void spread(instant now);
    void compare(instant now);
    void reach_out(instant now);
    void compare_facts(instant now);
    void tell_round_trips(instant now);
    void deliver(instant now);

    void send(const member& to, message_body body, instant now, std::vector<news> first = {});
    void send_ping(const member& to, probe_number number, instant now);
    void send_hello(const member& to, const challenge& echo, bool asks, instant now);
    void send_digest(const member& to, instant now);
    void send_summary(const member& to, instant now);
    void send_all(const member& to, std::vector<news> told, instant now);

    [[nodiscard]] std::vector<const member*> draw_live(std::size_t count) {
        return draw_(table_.members(), count, [](const member& each) { return is_live(each.state()); });
    }
    void suspect(const node_id& node, instant now);
    void set_own(const record_version& version, const node_status& status);
    void refute(std::uint64_t incarnation);
    [[nodiscard]] const crypto::ed25519_public_key* key_of(const node_id& node) const noexcept;
    [[nodiscard]] bool may_tell(const news& told) const noexcept;
    [[nodiscard]] std::vector<news> verdicts_about(const member& of) const;
    [[nodiscard]] interval patience(interval usual) const noexcept { return usual * health_factor_; }
    void worsen_health() noexcept;

    crypto::ed25519_key key_;
    member_draw draw_;
    member_table table_;
    envelope envelope_;
    acquaintances acquaintances_;
    news_queue queue_;
    probe_book book_;
    round_trip_book round_trips_;
    fact_ledger ledger_;
    delivery_book deliveries_;
    std::vector<fact> learned_;
    std::size_t facts_sent_{0};  ///< since the last tick, for what a comparison brought to light
    signed_record own_;
    int health_factor_{1};
    std::vector<node_id> round_;  ///< whom to probe next, from the back
    std::size_t digest_from_{0};
    std::size_t told_of_round_trips_{0};
    std::map<node_id, monotonic_time> challenged_at_;
    monotonic_time heard_at_;
    monotonic_time ticked_at_;
    timetable due_;
    bool has_greeted_{false};
    bool is_one_back_{false};  ///< of the dead, since reaching out
    std::vector<outgoing> outgoing_;
    agent_counters counters_;
};

}  // namespace turnix::gossip
