// Which worker has which mobile session, and the key of the node's tickets (RFC 8016).
//
// One for the node, shared by its workers: a client that has moved may turn up at any of them. Behind a
// mutex, because nothing here is on a packet's way: it is asked when a request comes with a sound ticket.
#pragma once

#include "common/credential/identifiers.hpp"
#include "relay/turn/mobility_ticket.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

namespace turnix::turn {

/// The place of a worker among those of its node.
using worker_number = std::uint16_t;

/// Any thread.
class node_mobility {
  public:
    node_mobility() noexcept;

    [[nodiscard]] const ticket_key& key() const noexcept { return key_; }

    /// A session that begins: it is that worker's from here on.
    void settle(const session_id& session, worker_number at);
    /// It is another worker's from here on, unless it has ended there meanwhile.
    void move(const session_id& session, worker_number to) noexcept;
    void forget(const session_id& session) noexcept;
    /// Nothing when there is no such session. The worker may have handed it on since.
    [[nodiscard]] std::optional<worker_number> worker_of(const session_id& session) const noexcept;

    /// All of them, in no order.
    [[nodiscard]] std::vector<session_id> sessions() const;

  private:
    ticket_key key_;
    mutable std::mutex guard_;
    boost::unordered_flat_map<session_id, worker_number, std::hash<session_id>> workers_;
};

}  // namespace turnix::turn
