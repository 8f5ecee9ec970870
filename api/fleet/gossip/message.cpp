#include "api/fleet/gossip/message.hpp"

#include "common/credential/field_codec.hpp"

#include <algorithm>
#include <limits>

namespace turnix::gossip {

namespace {

using credential::field_reader;
using credential::field_writer;

template <class... Visitors>
struct overloaded : Visitors... {
    using Visitors::operator()...;
};

/// The kind on the wire is the place in the variant, from 1 on.
enum class message_kind : std::uint8_t {
    hello = 1,
    ping,
    ping_request,
    ack,
    nack,
    digest,
    tidings,
    summary,
    inventory,
    delivery,
    receipt,
    round_trips
};
enum class news_kind : std::uint8_t { record = 1, verdict, fact };

constexpr std::size_t id_bytes = sizeof(node_id::bytes);
constexpr std::size_t entry_bytes = id_bytes + 8 + 4;
constexpr std::size_t range_bytes = 1 + 8;
constexpr std::size_t inventory_entry_bytes = 8 + 8;
constexpr std::size_t verdict_bytes = id_bytes + 8 + 1 + id_bytes;
constexpr std::size_t round_trip_bytes = id_bytes + 4;
static_assert(digest_entries_max <= std::numeric_limits<std::uint8_t>::max());

void write(field_writer& to, const hello& body) noexcept {
    to.bytes(body.asked);
    to.bytes(body.echo);
}
void write(field_writer& to, const ping& body) noexcept { to.integer(body.number, 4); }
void write(field_writer& to, const ping_request& body) noexcept {
    to.integer(body.number, 4);
    to.bytes(body.target.bytes);
}
void write(field_writer& to, const ack& body) noexcept { to.integer(body.number, 4); }
void write(field_writer& to, const nack& body) noexcept { to.integer(body.number, 4); }
void write(field_writer& to, const digest& body) noexcept {
    to.integer(body.entries.size(), 1);
    for (const auto& entry : body.entries) {
        to.bytes(entry.node.bytes);
        to.integer(entry.version.incarnation, 8);
        to.integer(entry.version.sequence, 4);
    }
}
void write(field_writer& /*to*/, const tidings& /*body*/) noexcept {}
void write(field_writer& to, const key_range& range) noexcept {
    to.integer(range.depth, 1);
    to.integer(range.first, 8);
}
void write(field_writer& to, const summary& body) noexcept {
    write(to, body.of);
    for (const auto sum : body.sums) to.integer(sum, 8);
}
void write(field_writer& to, const inventory& body) noexcept {
    write(to, body.of);
    to.integer(body.wants_answer ? 1 : 0, 1);
    to.integer(body.entries.size(), 1);
    for (const auto& entry : body.entries) {
        to.integer(entry.key, 8);
        to.integer(entry.version, 8);
    }
}
void write_with_length(field_writer& to, const signed_fact& told) noexcept {
    to.integer(size_of(told), 2);
    write(to, told);
}
void write(field_writer& to, const fact_delivery& body) noexcept {
    to.integer(body.number, 4);
    write_with_length(to, body.told);
}
void write(field_writer& to, const receipt& body) noexcept { to.integer(body.number, 4); }
void write(field_writer& to, const round_trips& body) noexcept {
    to.integer(body.measured.size(), 1);
    for (const auto& each : body.measured) {
        to.bytes(each.to.bytes);
        to.integer(static_cast<std::uint64_t>(each.time.count()), 4);
    }
}

void write_news(field_writer& to, const signed_fact& told) noexcept {
    to.integer(static_cast<std::uint64_t>(news_kind::fact), 1);
    write_with_length(to, told);
}

void write_news(field_writer& to, const signed_record& told) noexcept {
    to.integer(static_cast<std::uint64_t>(news_kind::record), 1);
    to.integer(told.bytes.size(), 2);
    std::ranges::copy(told.bytes, to.claim(told.bytes.size()).begin());
}
void write_news(field_writer& to, const verdict& told) noexcept {
    to.integer(static_cast<std::uint64_t>(news_kind::verdict), 1);
    to.bytes(told.about.bytes);
    to.integer(told.incarnation, 8);
    to.integer(static_cast<std::uint64_t>(told.kind), 1);
    to.bytes(told.accuser.bytes);
}

node_id read_id(field_reader& from) noexcept { return {from.bytes<id_bytes>()}; }
probe_number read_number(field_reader& from) noexcept { return static_cast<probe_number>(from.integer(4)); }
record_version read_version(field_reader& from) noexcept {
    const auto incarnation = from.integer(8);
    return {.incarnation = incarnation, .sequence = static_cast<std::uint32_t>(from.integer(4))};
}

digest read_digest(field_reader& from) {
    digest body;
    const auto count = from.integer(1);
    if (count > digest_entries_max) from.fail();
    body.entries.reserve(digest_entries_max);
    for (std::uint64_t i = 0; i < count && !from.failed(); ++i) {
        const auto node = read_id(from);
        body.entries.push_back({.node = node, .version = read_version(from)});
    }
    return body;
}

key_range read_range(field_reader& from) noexcept {
    const auto depth = from.integer(1);
    const key_range range{.depth = static_cast<std::uint8_t>(depth), .first = from.integer(8)};
    if (!range.is_valid()) from.fail();
    return range;
}

summary read_summary(field_reader& from) noexcept {
    summary body{.of = read_range(from)};
    if (body.of.depth == key_range::depth_max) from.fail();
    for (auto& sum : body.sums) sum = from.integer(8);
    return body;
}

inventory read_inventory(field_reader& from) {
    inventory body{.of = read_range(from), .entries = {}};
    const auto wants_answer = from.integer(1);
    const auto count = from.integer(1);
    if (wants_answer > 1 || count > inventory_entries_max) from.fail();
    body.wants_answer = wants_answer == 1;
    body.entries.reserve(inventory_entries_max);
    for (std::uint64_t i = 0; i < count && !from.failed(); ++i) {
        const auto key = from.integer(8);
        body.entries.push_back({.key = key, .version = from.integer(8)});
    }
    return body;
}

message_body read_delivery(field_reader& from) {
    const auto number = static_cast<delivery_number>(from.integer(4));
    auto told = read_fact(from.take(from.integer(2)));
    if (!told) {
        from.fail();
        return tidings{};
    }
    return fact_delivery{.number = number, .told = *std::move(told)};
}

round_trips read_round_trips(field_reader& from) {
    round_trips body;
    const auto count = from.integer(1);
    if (count > round_trips_told_max) from.fail();
    body.measured.reserve(round_trips_told_max);
    for (std::uint64_t i = 0; i < count && !from.failed(); ++i) {
        const auto to = read_id(from);
        const round_trip_time time{static_cast<std::int64_t>(from.integer(4))};
        body.measured.push_back({.to = to, .time = time});
    }
    return body;
}

message_body read_body(field_reader& from) {
    switch (static_cast<message_kind>(from.integer(1))) {
        case message_kind::hello: {
            const auto asked = from.bytes<sizeof(challenge)>();
            return hello{.asked = asked, .echo = from.bytes<sizeof(challenge)>()};
        }
        case message_kind::ping:
            return ping{read_number(from)};
        case message_kind::ping_request: {
            const auto number = read_number(from);
            return ping_request{.number = number, .target = read_id(from)};
        }
        case message_kind::ack:
            return ack{read_number(from)};
        case message_kind::nack:
            return nack{read_number(from)};
        case message_kind::digest:
            return read_digest(from);
        case message_kind::tidings:
            return tidings{};
        case message_kind::summary:
            return read_summary(from);
        case message_kind::inventory:
            return read_inventory(from);
        case message_kind::delivery:
            return read_delivery(from);
        case message_kind::receipt:
            return receipt{static_cast<delivery_number>(from.integer(4))};
        case message_kind::round_trips:
            return read_round_trips(from);
    }
    from.fail();
    return tidings{};
}

verdict read_verdict(field_reader& from) noexcept {
    verdict told;
    told.about = read_id(from);
    told.incarnation = from.integer(8);
    const auto kind = from.integer(1);
    if (kind != static_cast<std::uint64_t>(verdict_kind::suspect) &&
        kind != static_cast<std::uint64_t>(verdict_kind::dead)) {
        from.fail();
    }
    told.kind = static_cast<verdict_kind>(kind);
    told.accuser = read_id(from);
    return told;
}

std::optional<news> read_news(field_reader& from) {
    switch (static_cast<news_kind>(from.integer(1))) {
        case news_kind::record:
            return read_record(from.take(from.integer(2)));
        case news_kind::verdict:
            return read_verdict(from);
        case news_kind::fact:
            return read_fact(from.take(from.integer(2)));
    }
    return std::nullopt;
}

}  // namespace

std::size_t size_of(const news& told) noexcept {
    return 1 + std::visit(overloaded{[](const signed_record& of) { return 2 + of.bytes.size(); },
                                     [](const verdict& /*of*/) { return verdict_bytes; },
                                     [](const signed_fact& of) { return 2 + size_of(of); }},
                          told);
}

std::size_t size_of(const message_body& body) noexcept {
    constexpr std::size_t kind_and_count = 2;
    return kind_and_count +
           std::visit(
               overloaded{
                   [](const hello&) { return 2 * sizeof(challenge); },
                   [](const ping_request&) { return sizeof(probe_number) + id_bytes; },
                   [](const digest& of) { return 1 + of.entries.size() * entry_bytes; },
                   [](const tidings&) { return std::size_t{0}; },
                   [](const summary&) { return range_bytes + sizeof summary::sums; },
                   [](const inventory& of) {
                       return range_bytes + 2 + of.entries.size() * inventory_entry_bytes;
                   },
                   [](const fact_delivery& of) { return sizeof(delivery_number) + 2 + size_of(of.told); },
                   [](const round_trips& of) { return 1 + of.measured.size() * round_trip_bytes; },
                   [](const auto& /*numbered*/) { return sizeof(probe_number); }},
               body);
}

std::vector<std::byte> write_message(const message& from) {
    std::vector<std::byte> bytes(size_of(from.body));
    for (const auto& told : from.told) bytes.resize(bytes.size() + size_of(told));
    field_writer to{bytes};
    to.integer(from.body.index() + 1, 1);
    std::visit([&](const auto& body) { write(to, body); }, from.body);
    to.integer(from.told.size(), 1);
    for (const auto& told : from.told) {
        std::visit([&](const auto& each) { write_news(to, each); }, told);
    }
    return bytes;
}

std::optional<message> read_message(std::span<const std::byte> bytes) {
    field_reader from{bytes};
    message read{.body = read_body(from), .told = {}};
    for (auto left = from.integer(1); left > 0; --left) {
        auto told = read_news(from);
        if (!told || from.failed()) return std::nullopt;
        read.told.push_back(std::move(*told));
    }
    if (!from.complete()) return std::nullopt;
    return read;
}

}  // namespace turnix::gossip
