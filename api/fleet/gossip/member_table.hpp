// What this node knows of the others, and whose word counts: newer records replace older ones, a verdict
// holds for one incarnation, and the next incarnation refutes it.
//
// The nodes are those that the configuration pins; nobody else can come in. Owner's thread.
#pragma once

#include "api/fleet/gossip/identity.hpp"
#include "api/fleet/gossip/message.hpp"
#include "common/clock/instant.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace turnix::gossip {

enum class node_state : std::uint8_t {
    unknown,  ///< never heard of
    alive,
    draining,  ///< serves who is there, takes nobody new
    suspect,   ///< does not answer; still counts as alive until the suspicion ends
    dead,
    left,  ///< stopped, and said so
};
std::string_view to_string(node_state value) noexcept;

constexpr bool is_live(node_state state) noexcept {
    return state == node_state::alive || state == node_state::draining || state == node_state::suspect;
}

struct member : known_node {
    explicit member(const known_node& node) noexcept : known_node{node} {}

    std::optional<signed_record> record;  ///< the newest
    std::optional<verdict_kind> judged;   ///< of the record's incarnation
    monotonic_time suspect_since;         ///< while judged suspect
    std::vector<node_id> accusers;        ///< who suspects, each once

    [[nodiscard]] node_state state() const noexcept;
    [[nodiscard]] record_version version() const noexcept {
        return record ? record->values.version : record_version{};
    }
};

struct state_change {
    node_id node;
    node_state from{node_state::unknown};
    node_state to{node_state::unknown};
};

class member_table {
  public:
    /// Without `self`, of which verdicts and records are none of this table's business.
    member_table(std::span<const known_node> nodes, const node_id& self);

    [[nodiscard]] std::span<const member> members() const noexcept { return members_; }
    /// Null for this node itself and for strangers.
    [[nodiscard]] const member* find(const node_id& node) const noexcept;

    /// Takes in those that are new, and the others' addresses; who is missing here stays.
    void add(std::span<const known_node> nodes);

    /// True when the record is of a member, newer than what was known, and its own signature holds.
    bool learn(const signed_record& record);
    /// True when the verdict is of the incarnation that is known and says more than was known: a stronger
    /// one, or one more accuser.
    bool judge(const verdict& of, monotonic_time now);
    /// Members whose suspicion has ended; they are to be judged dead.
    [[nodiscard]] std::vector<node_id> overdue(monotonic_time now) const;
    /// Moves what has begun by so much, because this process did not run.
    void postpone(monotonic_time::duration by) noexcept;

    /// Members that live, and those that have ever been known and have not left.
    [[nodiscard]] std::size_t live() const noexcept;
    [[nodiscard]] std::size_t known() const noexcept;
    /// Of three nodes or more that were ever seen, this one counted, do at most half live?
    [[nodiscard]] bool is_minority() const noexcept;

    /// Since the last call, in order.
    [[nodiscard]] std::vector<state_change> take_changes() noexcept;

  private:
    [[nodiscard]] member* find_mutable(const node_id& node) noexcept;
    [[nodiscard]] interval suspicion_of(const member& of) const noexcept;
    void note(const member& changed, node_state from);

    node_id self_;
    std::vector<member> members_;  ///< by id
    std::vector<state_change> changes_;
};

}  // namespace turnix::gossip
