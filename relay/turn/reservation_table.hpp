// Relay ports that are held for allocations to come: EVEN-PORT with R=1 reserves, RESERVATION-TOKEN redeems
// (RFC 8656 §7.2).
//
// One for the node, shared by its workers: a token may come back over any 5-tuple, so on any worker. Behind a
// mutex, because nothing here is on a packet's way. A reservation holds a place in its credential's quota, so
// that they are bounded as allocations are. Outlived by the admission that its leases come from.
#pragma once

#include "common/clock/instant.hpp"
#include "relay/stun/attributes.hpp"
#include "relay/turn/credential_cache.hpp"
#include "relay/turn/node_admission.hpp"
#include "relay/turn/relay_ports.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

namespace turnix::turn {

/// RFC 8656 §7.2: at least this long.
inline constexpr std::chrono::seconds reservation_lifetime{30};

/// Destroying it frees the port and gives the place back.
struct reservation {
    std::unique_ptr<reserved_port> port;
    shared_credential holder;
    admission_lease lease;
};

/// Any thread.
class reservation_table {
  public:
    /// `token` is unpredictable and new.
    void add(const stun::reservation_token& token, reservation held, monotonic_time now);
    /// What the token stands for, once. Nothing when it is unknown, expired or not this user's.
    [[nodiscard]] std::optional<reservation> take(const stun::reservation_token& token,
                                                  std::string_view username, monotonic_time now) noexcept;
    /// Frees what nobody came for.
    void expire(monotonic_time now) noexcept;

    [[nodiscard]] std::size_t size() const noexcept;

  private:
    struct entry {
        stun::reservation_token token;
        monotonic_time expires;
        reservation held;
    };
    mutable std::mutex guard_;
    std::vector<entry> entries_;
};

}  // namespace turnix::turn
