// What an allocation has beyond others when its client may move (RFC 8016): where the client is expected, and
// which of its tickets are good. Part of the allocation, used on its worker's thread.
#pragma once

#include "relay/stun/message_header.hpp"
#include "relay/turn/node_mobility.hpp"
#include "relay/turn/routes.hpp"

#include <cstdint>
#include <optional>

namespace turnix::turn {

struct mobile_client {
    /// A 5-tuple that a Refresh with a ticket came from, and no data yet: the former one still serves.
    struct arrival {
        client_path path;
        worker_number worker{0};  ///< at which what the client sends from there comes in
    };
    std::optional<arrival> expected;

    /// Each Refresh gives out a ticket. A client that was told nothing of a later one (RFC 8016 lets it keep
    /// the first) may use any that was given out since its last move; a move makes all before it worthless.
    std::uint32_t tickets_issued{1};
    std::uint32_t ticket_first_good{1};

    /// Of the last move, for the retransmissions of its Refresh.
    client_path moved_to{};
    stun::transaction_id moved_by{};
};

}  // namespace turnix::turn
