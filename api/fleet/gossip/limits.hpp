// Every bound and every interval of the gossip between nodes, and how they fit together.
//
// A node that died is found by the probes of the others within about a second, since each probes one node
// after the other in a shuffled order; the probe fails after probe_timeout, the suspicion ends after
// suspicion_least when others agree. In all less than the 5 seconds in which a dead region has to leave
// selection.
#pragma once

#include <chrono>
#include <cstddef>

namespace turnix::gossip {

inline constexpr std::size_t nodes_max = 256;

/// Fits into the least MTU of IPv6 (1,280) with the headers of IPv6 and UDP.
inline constexpr std::size_t datagram_bytes_max = 1'232;
inline constexpr std::size_t record_bytes_max = 512;
inline constexpr std::size_t digest_entries_max = 24;
inline constexpr std::size_t round_trips_told_max = 56;
/// A fact, signed; one travels alone when it must.
inline constexpr std::size_t fact_bytes_max = 1'024;
/// Of all kinds together.
inline constexpr std::size_t facts_max = 150'000;
inline constexpr std::size_t inventory_entries_max = 64;
/// Facts that a comparison brings to light and that are sent within one tick, so that sockets keep up.
inline constexpr std::size_t facts_sent_max = 256;
/// New facts that the gossip tells on at once; what is beyond is found by comparing.
inline constexpr std::size_t facts_told_max = 128;

using interval = std::chrono::milliseconds;

/// How often agent::on_tick is to be called.
inline constexpr interval tick{50};
inline constexpr interval probe_interval{250};
/// After this long other nodes are asked to probe; round trips of 300 ms are in time.
inline constexpr interval direct_timeout{500};
inline constexpr interval probe_timeout{1'000};
/// A node that probes in another's place says after this long that it has no answer yet.
inline constexpr interval nack_after{150};
/// A suspicion that all agree with, and one that nobody else has.
inline constexpr interval suspicion_least{1'500};
inline constexpr interval suspicion_most{2'500};
inline constexpr interval spread_interval{200};
inline constexpr interval digest_interval{1'000};
/// How often facts are compared with another node; the shorter interval holds while there are differences.
inline constexpr interval facts_interval{1'000};
inline constexpr interval facts_interval_least{100};
/// How often a node that has not confirmed a fact is told again, and for how long.
inline constexpr interval delivery_interval{250};
inline constexpr interval delivery_time{2'000};
/// How often one node is told what this one has measured, one after the other, so that each of 256 hears of
/// it about every four minutes; and how long that counts.
inline constexpr interval round_trips_interval{1'000};
inline constexpr interval round_trip_age_max{600'000};
/// How often facts are looked through for what is past its time.
inline constexpr interval expiry_interval{60'000};
/// How often one of the nodes that seem away is asked for, or all of them when a dead one has come back.
inline constexpr interval reach_out_interval{250};
/// A node that has not proven to live now is challenged at most this often.
inline constexpr interval challenge_interval{100};
/// A process that did not run for this long judges nobody by what it missed.
inline constexpr interval pause_least{500};

/// How many nodes are asked to probe in one's place, and how many are told what is new at once.
inline constexpr std::size_t relays_per_probe = 3;
inline constexpr std::size_t spread_fan_out = 3;

/// Lifeguard's local health: a node that sees its own probes go wrong waits up to this many times longer.
inline constexpr int health_factor_max = 4;

static_assert(direct_timeout < probe_timeout && probe_timeout + suspicion_most < std::chrono::seconds{4});

}  // namespace turnix::gossip
