// What nodes say to each other: one body, and news that travel along (SWIM, Das et al. 2002, with
// the additions of Lifeguard, Dadgar et al. 2018).
//
//   kind 1 | body | number of news 1 | news …
//
//   hello         challenge, 16 | echo, 16      proves that the sender lives now; zero for none
//   ping          probe, 4                      answered with ack
//   ping_request  probe, 4 | target, 16         probe in my place; answered with ack or nack
//   ack, nack     probe, 4
//   digest        number 1 | entries, 28 each   tell me what you know newer than this
//   tidings       nothing                       only news
//   summary       depth 1 | first key, 8 | sums, 64 × 8               what is held of a range of facts
//   inventory     depth 1 | first key, 8 | wants an answer 1 | number 1 | entries, 16 each
//   delivery      number, 4 | length, 2 | signed fact                 answered with receipt
//   receipt       number, 4
//   round_trips   number 1 | entries, 20 each   what the sender has measured, in microseconds
//
// News are records (length, 2 | signed record), verdicts (node, 16 | incarnation, 8 | kind 1 | accuser, 16)
// and facts (length, 2 | signed fact). Bytes that are left over make a message that is none.
#pragma once

#include "api/fleet/gossip/delivery_book.hpp"
#include "api/fleet/gossip/fact_ledger.hpp"
#include "api/fleet/gossip/node_record.hpp"
#include "api/fleet/gossip/round_trip_book.hpp"

#include <array>
#include <optional>
#include <span>
#include <variant>
#include <vector>

namespace turnix::gossip {

/// Unpredictable; all zero for none.
using challenge = std::array<std::uint8_t, 16>;
using probe_number = std::uint32_t;

struct hello {
    challenge asked{};
    challenge echo{};
};
struct ping {
    probe_number number{0};
};
struct ping_request {
    probe_number number{0};
    node_id target;
};
struct ack {
    probe_number number{0};
};
/// The node that was asked to probe lives, and has no answer yet.
struct nack {
    probe_number number{0};
};
struct digest_entry {
    node_id node;
    record_version version;
};
struct digest {
    std::vector<digest_entry> entries;  ///< at most digest_entries_max
};
struct tidings {};

/// Hold this fact, and say so.
struct fact_delivery {
    delivery_number number{0};
    signed_fact told;
};
struct receipt {
    delivery_number number{0};
};

struct round_trips {
    std::vector<round_trip> measured;  ///< at most round_trips_told_max
};

using message_body = std::variant<hello, ping, ping_request, ack, nack, digest, tidings, summary, inventory,
                                  fact_delivery, receipt, round_trips>;

enum class verdict_kind : std::uint8_t { suspect = 1, dead };

/// What a node says of another one. It holds for one incarnation: the next one refutes it.
struct verdict {
    node_id about;
    std::uint64_t incarnation{0};
    verdict_kind kind{verdict_kind::suspect};
    node_id accuser;
};

using news = std::variant<signed_record, verdict, signed_fact>;

struct message {
    message_body body;
    std::vector<news> told;
};

/// Bytes of one piece of news in a message.
[[nodiscard]] std::size_t size_of(const news& told) noexcept;
/// Bytes of a message without news.
[[nodiscard]] std::size_t size_of(const message_body& body) noexcept;

/// The message fits into a datagram: see size_of and envelope::plain_bytes_max.
[[nodiscard]] std::vector<std::byte> write_message(const message& from);
/// Nothing when the bytes are not exactly one message.
[[nodiscard]] std::optional<message> read_message(std::span<const std::byte> bytes);

}  // namespace turnix::gossip
