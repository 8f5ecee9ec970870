// The TCP connections of one allocation with its peers (RFC 6062), from the CONNECT that asks for one, or the
// peer that opens one, to its end.
//
// Part of an allocation, used on its worker's thread. The connections themselves are elsewhere: being made by
// the I/O layer, waiting in the node's connection_table, or served by any worker. Few, so a flat list; its
// owner bounds it.
#pragma once

#include "common/net/endpoint.hpp"
#include "relay/turn/connection_meter.hpp"
#include "relay/turn/peer_table.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace turnix::turn {

class peer_connections {
  public:
    peer_connections() = default;
    peer_connections(const peer_connections&) = delete;
    peer_connections& operator=(const peer_connections&) = delete;
    ~peer_connections() { end(std::nullopt); }

    /// What was relayed since it was last asked. Forgets connections that have ended, so ask before counting.
    [[nodiscard]] relayed_bytes collect();

    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
    /// Is there a connection with that peer, or one being made? Peers are as the kernel shows them.
    [[nodiscard]] bool holds(const net::endpoint& peer) const noexcept;

    /// A connection with this peer is being made for this CONNECT, which will be answered then.
    void begin(const net::endpoint& peer, std::span<const std::byte> request);
    /// It is made, or failed: the CONNECT. Nothing when none was under way.
    [[nodiscard]] std::optional<std::vector<std::byte>> finish(const net::endpoint& peer);
    /// A connection with this peer stands.
    void add(const net::endpoint& peer, std::shared_ptr<connection_meter> meter);

    /// Ends those with peers of one family, or all.
    void end(std::optional<net::family> only) noexcept;
    /// Ends those with the peers for which this is true.
    void end(const peer_predicate& which);

  private:
    struct entry {
        net::endpoint peer;
        std::vector<std::byte> request;           ///< of a connection that is being made
        std::shared_ptr<connection_meter> meter;  ///< of one that stands, otherwise null
        relayed_bytes collected;
    };
    std::vector<entry> entries_;
};

}  // namespace turnix::turn
