// With which start of each other node this one talks: the salt that the other has proven to be using now, and
// which of its counters have been seen.
//
// A datagram that opens was made by a node of the fleet, but perhaps long ago. So the first one under a new
// salt counts for nothing: the sender is asked to echo a random challenge first. That holds after either side
// has restarted, needs no clock, and lets nothing old pass. Owner's thread.
#pragma once

#include "api/fleet/gossip/envelope.hpp"
#include "api/fleet/gossip/message.hpp"
#include "api/fleet/gossip/replay_window.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>

namespace turnix::gossip {

/// Fills with unpredictable bytes.
using random_source = std::function<void(std::span<std::byte>)>;

enum class freshness : std::uint8_t {
    fresh,     ///< of the start that is talked with, and never seen before
    replayed,  ///< seen before, or too old to tell
    unproven,  ///< of another start: to be challenged
};

class acquaintances {
  public:
    explicit acquaintances(random_source random) : random_{std::move(random)} {}

    [[nodiscard]] freshness judge(const opened_datagram& datagram);
    /// The challenge that this node is to echo; the same one until it has.
    [[nodiscard]] const challenge& challenge_for(const node_id& node);
    /// Takes up the start that the datagram is of, when `echo` is what the node was asked. True when it was
    /// not yet known.
    bool prove(const opened_datagram& datagram, const challenge& echo);
    /// Is the node talked with, whichever start it is?
    [[nodiscard]] bool is_proven(const node_id& node) const noexcept;
    /// Is the datagram of the start that is talked with?
    [[nodiscard]] bool knows(const opened_datagram& datagram) const noexcept;

  private:
    struct start {
        boot_salt salt{};
        replay_window counters;
    };
    struct acquaintance {
        std::optional<start> proven;
        std::optional<challenge> asked;
    };

    random_source random_;
    std::map<node_id, acquaintance> known_;
};

}  // namespace turnix::gossip
