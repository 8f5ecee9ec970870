// Which version of each shared record holds on this node, and the next one for what is changed here. None are
// kept where nodes share a database instead.
//
// One thread at a time: the desk's, while the daemon runs.
#pragma once

#include "api/model/shared_record.hpp"
#include "api/model/version_clock.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

namespace turnix::model {

class record_versions {
  public:
    /// With the other things that nodes share, what the gossip's ledger can hold.
    static constexpr std::size_t records_max = 40'000;

    /// What hears of every record that is made on this node.
    using teller = std::function<void(const std::vector<shared_record>&)>;

    /// `node` tells the versions of this node from those of others; without one, no records are made.
    explicit record_versions(std::optional<std::uint16_t> node = 0) noexcept
        : are_kept_{node}, node_{node.value_or(0)}, clock_{node_} {}

    [[nodiscard]] bool are_kept() const noexcept { return are_kept_; }

    /// From here on others are told.
    void join(teller tell) { tell_ = std::move(tell); }

    /// Gives a record that is made here its version and base. It lasts as long as the one before it, and a
    /// final one for good.
    void stamp(shared_record& made, wall_time now, bool is_final = false);
    /// The same of several; nothing when none are kept.
    [[nodiscard]] std::vector<shared_record> stamped(std::vector<shared_record> made, wall_time now,
                                                     bool is_final = false);
    /// This is what holds from here on.
    void note(const shared_record& held);
    /// Records that were stamped hold, and others are told.
    void tell(const std::vector<shared_record>& made);

    /// Is it newer than what holds?
    [[nodiscard]] bool is_news(const shared_record& told) const;
    /// Is this very version what holds?
    [[nodiscard]] bool holds(const shared_record& told) const;
    /// Does anything hold under this name?
    [[nodiscard]] bool knows(const record_id& id) const { return held_.contains(id); }
    /// Zero when nothing does.
    [[nodiscard]] std::uint64_t version_of(const record_id& id) const;
    [[nodiscard]] bool is_gone(const record_id& id) const;
    /// Would it take the place of a version whose writer it did not know of?
    [[nodiscard]] bool overwrites_unseen(const shared_record& told) const;
    /// Is there room for another one that is made here?
    [[nodiscard]] bool has_room() const noexcept { return held_.size() < records_max; }

  private:
    struct standing {
        std::uint64_t version{0};
        std::uint64_t base{0};
        std::chrono::sys_seconds until;
    };

    bool are_kept_;
    std::uint16_t node_;
    version_clock clock_;
    std::map<record_id, standing> held_;
    teller tell_;
};

}  // namespace turnix::model
