// All facts that a node holds, and how two nodes find out in which they differ: each says what it has of a
// part of the keys, as 64 sums first, and as a list where that is short enough.
//
// Sans-I/O. Bounded; what is past its time goes. Owner's thread.
#pragma once

#include "api/fleet/gossip/fact.hpp"
#include "common/clock/instant.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <variant>
#include <vector>

namespace turnix::gossip {

/// The keys that begin with the same 6 × depth bits.
struct key_range {
    static constexpr unsigned step_bits = 6;
    static constexpr std::uint8_t depth_max = 10;

    std::uint8_t depth{0};
    fact_key first{0};

    [[nodiscard]] fact_key last() const noexcept;
    /// Of the 64 that it consists of; the depth is less than depth_max.
    [[nodiscard]] key_range part(std::size_t index) const noexcept;
    [[nodiscard]] std::size_t part_of(fact_key key) const noexcept;
    [[nodiscard]] bool is_valid() const noexcept;

    friend bool operator==(const key_range&, const key_range&) = default;
};

inline constexpr std::size_t range_parts = std::size_t{1} << key_range::step_bits;

/// What is held of a range: equal sums, equal facts.
struct summary {
    key_range of;  ///< less deep than depth_max
    std::array<std::uint64_t, range_parts> sums{};
};

struct inventory_entry {
    fact_key key{0};
    std::uint64_t version{0};
};
struct inventory {
    key_range of;
    bool wants_answer{false};
    std::vector<inventory_entry> entries;  ///< at most inventory_entries_max
};

class fact_ledger {
  public:
    /// How many parts of a summary that differ are looked into at once.
    static constexpr std::size_t answers_max = 8;

    /// Would it replace what is held, or is there room for it? Not for what is past its time.
    [[nodiscard]] bool wants(const fact& told, wall_time now) const noexcept;
    /// What `wants` was true of. Without a signer: it is signed when it is first told.
    void put(signed_fact told);
    /// This one, or a newer one about the same?
    [[nodiscard]] bool holds(const fact& told) const noexcept;
    [[nodiscard]] std::size_t size() const noexcept { return held_.size(); }
    void expire(wall_time now);

    /// Of everything.
    [[nodiscard]] summary summarise() const noexcept { return {.of = {}, .sums = sums_}; }
    /// What to answer: summaries and inventories of parts that differ.
    [[nodiscard]] std::vector<std::variant<summary, inventory>> compare(const summary& other);
    [[nodiscard]] inventory list(const key_range& of) const;

    struct difference {
        std::vector<fact_key> newer;  ///< what the other one lacks or has older; at most facts_sent_max
        bool lacks{false};            ///< does the other one have something newer?
    };
    [[nodiscard]] difference compare(const inventory& other) const;

    /// One that is held, signed by now.
    [[nodiscard]] const signed_fact& told(fact_key key, const node_id& self, const crypto::ed25519_key& by);

  private:
    using facts = std::map<fact_key, signed_fact>;

    [[nodiscard]] static std::uint64_t sum_of(const facts::value_type& held) noexcept;
    [[nodiscard]] summary summarise(const key_range& of) const noexcept;
    /// The list of a range that the other one is to answer.
    [[nodiscard]] inventory question(const key_range& of) const;
    [[nodiscard]] bool is_longer_than_a_list(const key_range& of) const noexcept;
    /// Adds to its sum, or takes away from it.
    void toggle(const facts::value_type& held) noexcept;

    facts held_;
    std::array<std::uint64_t, range_parts> sums_{};  ///< of the whole range
    std::size_t first_answered_{0};                  ///< so that no part is always passed over
};

}  // namespace turnix::gossip
