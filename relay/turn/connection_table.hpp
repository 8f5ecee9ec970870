// TCP connections with peers that wait for their client's CONNECTION-BIND (RFC 6062 §5.2 to §5.4).
//
// One for the node, shared by its workers: the client binds from a new connection, which may be on any
// worker, and that worker serves the pair from then on. Behind a mutex, because nothing here is on a packet's
// way. Bounded by allocations and by the connections that each may have.
#pragma once

#include "common/clock/instant.hpp"
#include "relay/stun/attributes.hpp"
#include "relay/turn/connection_meter.hpp"
#include "relay/turn/known_credential.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>

namespace turnix::turn {

/// RFC 6062 §5.2, §5.3: then the connection with the peer is closed.
inline constexpr std::chrono::seconds connection_bind_patience{30};

/// A TCP connection with a peer that no worker serves at this moment: what the peer sends stays in the
/// kernel's buffer, which bounds it. Destroying it closes it. It may change threads.
class peer_stream {
  public:
    peer_stream() = default;
    peer_stream(const peer_stream&) = delete;
    peer_stream& operator=(const peer_stream&) = delete;
    virtual ~peer_stream() = default;
};

struct waiting_connection {
    std::unique_ptr<peer_stream> stream;
    std::shared_ptr<connection_meter> meter;
    shared_credential holder;
};

/// Any thread.
class connection_table {
  public:
    /// `id` is unpredictable. False when it is in use: nothing has changed, draw another one.
    [[nodiscard]] bool add(stun::connection_id id, waiting_connection& waiting, monotonic_time now);
    /// What the id stands for, once. Nothing when it is unknown, expired, ended or not this user's.
    [[nodiscard]] std::optional<waiting_connection> take(stun::connection_id id, std::string_view username,
                                                         monotonic_time now) noexcept;
    /// Closes what nobody came for, and what its allocation's end has ended.
    void expire(monotonic_time now) noexcept;

    [[nodiscard]] std::size_t size() const noexcept;

  private:
    struct entry {
        monotonic_time expires;
        waiting_connection waiting;
    };
    mutable std::mutex guard_;
    boost::unordered_flat_map<std::uint32_t, entry> entries_;
};

}  // namespace turnix::turn
