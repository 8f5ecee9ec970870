// Whom one allocation may talk to: its permissions (RFC 8656 §9) and channels (§12).
//
// Part of an allocation, used on its worker's thread. Both lists are short (one to four entries in a call),
// so they are flat and searched in order, and the first of each stands in the allocation itself, where a
// datagram finds it without another look into memory; the limits in `limit_settings` bound them. Look-ups
// compare the expiry with `now` themselves: sweeping only gives memory back.
#pragma once

#include "common/clock/instant.hpp"
#include "common/net/endpoint.hpp"
#include "relay/stun/channel_data.hpp"

#include <boost/container/small_vector.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace turnix::turn {

/// RFC 8656 §9: a permission lasts exactly this long after it was installed or refreshed.
inline constexpr std::chrono::seconds permission_lifetime{300};
/// RFC 8656 §12: so does a channel.
inline constexpr std::chrono::seconds channel_lifetime{600};
/// RFC 8656 §12: this long after its expiry neither its number nor its peer is bound to anything else.
inline constexpr std::chrono::seconds channel_cool_down{300};

/// Which peers are meant, by their addresses.
using peer_predicate = std::function<bool(const net::address&)>;

struct channel {
    stun::channel_number number;
    net::endpoint peer;
    monotonic_time expires;
};

/// What a channel number and a peer are to each other.
enum class binding_state : std::uint8_t {
    free,   ///< neither is in use
    bound,  ///< to each other, live or cooling down
    taken,  ///< one of them to something else, live or cooling down
};

class peer_table {
  public:
    [[nodiscard]] bool permits(const net::address& peer, monotonic_time now) const noexcept;
    /// The live channel of that number; null when none is bound.
    [[nodiscard]] const channel* channel_of(stun::channel_number number, monotonic_time now) const noexcept;
    /// The live channel to that peer; null when none is bound.
    [[nodiscard]] const channel* channel_to(const net::endpoint& peer, monotonic_time now) const noexcept;

    /// Forgets what has expired, channels after their cool-down. What follows counts and judges what is left,
    /// so sweep before asking.
    void sweep(monotonic_time now) noexcept;

    /// Forgets every peer for which this is true, cool-downs included.
    void forget(const peer_predicate& which);
    /// Forgets every peer of that family, cool-downs included.
    void forget(net::family family) noexcept;

    [[nodiscard]] std::size_t permissions() const noexcept { return permissions_.size(); }
    /// Live or cooling down.
    [[nodiscard]] std::size_t channels() const noexcept { return channels_.size(); }

    [[nodiscard]] bool holds_permission(const net::address& peer) const noexcept;
    [[nodiscard]] binding_state state_of(stun::channel_number number,
                                         const net::endpoint& peer) const noexcept;

    /// Those whose permission lives.
    [[nodiscard]] std::vector<net::address> permitted(monotonic_time now) const;

    /// Room for so many more, so that to install them takes no memory.
    void reserve(std::size_t permissions, std::size_t channels) {
        permissions_.reserve(permissions_.size() + permissions);
        channels_.reserve(channels_.size() + channels);
    }
    /// Installs or refreshes.
    void permit(const net::address& peer, monotonic_time now);
    /// Binds or refreshes; the pair must not be `taken`.
    void bind(stun::channel_number number, const net::endpoint& peer, monotonic_time now);

  private:
    struct permission {
        net::address peer;
        monotonic_time expires;
    };
    template <class Entry>
    using entries = boost::container::small_vector<Entry, 1>;

    entries<permission> permissions_;
    entries<channel> channels_;
};

}  // namespace turnix::turn
