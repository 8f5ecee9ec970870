#include "api/fleet/key_fact.hpp"

#include "common/credential/field_codec.hpp"

#include <algorithm>
#include <bit>

namespace turnix::fleet {

namespace {

using credential::field_reader;
using credential::field_writer;
using credential::key_fingerprint;
using gossip::fact_kind;

constexpr std::size_t number_bytes = 2;
constexpr std::size_t key_body_bytes = 8 + 8 + 8 + 1 + 32;
constexpr std::size_t entry_bytes = number_bytes + sizeof(key_fingerprint);
constexpr std::size_t held_bytes_max = number_bytes + 1 + credential::key_ring::keys_max * entry_bytes;
static_assert(gossip::fact_bytes(sizeof(gossip::node_id::bytes), held_bytes_max) <= gossip::fact_bytes_max);
/// Later than any key is good.
constexpr std::chrono::sys_seconds for_good{std::chrono::seconds{9'100'000'000}};
constexpr std::int64_t date_s_max = 9'000'000'000;

void write(field_writer& to, std::chrono::sys_seconds time) noexcept {
    to.integer(static_cast<std::uint64_t>(time.time_since_epoch().count()), 8);
}

std::chrono::sys_seconds read_time(field_reader& from) noexcept {
    const auto since = std::bit_cast<std::int64_t>(from.integer(8));
    if (since < 0 || since > date_s_max) from.fail();
    return std::chrono::sys_seconds{std::chrono::seconds{from.failed() ? 0 : since}};
}

credential::key_number read_number(field_reader& from) noexcept {
    return static_cast<credential::key_number>(from.integer(number_bytes));
}

}  // namespace

gossip::fact fact_of(const credential::key& made) {
    gossip::fact told{.kind = fact_kind::fleet_key,
                      .key = std::vector<std::byte>(number_bytes),
                      .body = std::vector<std::byte>(key_body_bytes),
                      .version = made.version,
                      // An older version that still lasts must not bring back what is retired.
                      .until = made.retired ? for_good : made.not_after + std::chrono::days{1}};
    field_writer{told.key}.integer(made.number, number_bytes);
    field_writer body{told.body};
    write(body, made.not_before);
    write(body, made.not_after);
    write(body, made.used_at.value_or(std::chrono::sys_seconds{}));
    body.integer(made.retired ? 1 : 0, 1);
    body.bytes(made.root.bytes());
    return told;
}

std::optional<credential::key> key_of(const gossip::fact& told) {
    if (told.kind != fact_kind::fleet_key) return std::nullopt;
    field_reader key{told.key};
    field_reader body{told.body};
    const auto number = read_number(key);
    const auto not_before = read_time(body);
    const auto not_after = read_time(body);
    const auto used_at = read_time(body);
    const auto retired = body.integer(1);
    const auto secret = body.bytes<32>();
    if (!key.complete() || !body.complete() || retired > 1 || not_after <= not_before) return std::nullopt;
    crypto::secret<32> root;
    std::ranges::copy(secret, root.writable_bytes().begin());
    auto read = credential::key_ring::key_of(number, root);
    read.not_before = not_before;
    read.not_after = not_after;
    if (used_at != std::chrono::sys_seconds{}) read.used_at = used_at;
    read.retired = retired == 1;
    read.version = told.version;
    return read;
}

bool held_keys::has(const credential::key& key) const {
    return std::ranges::count(entries,
                              entry{.number = key.number, .print = credential::fingerprint_of(key)}) > 0;
}

held_keys held_by(const gossip::node_id& node, const credential::key_ring& ring, wall_time now) {
    held_keys made{.node = node, .sealing = 0, .entries = {}};
    if (const auto* const current = ring.current(now)) made.sealing = current->number;
    for (const auto& each : ring.keys()) {
        made.entries.push_back({.number = each.number, .print = credential::fingerprint_of(each)});
    }
    return made;
}

gossip::fact fact_of(const held_keys& made, std::uint64_t version) {
    gossip::fact told{.kind = fact_kind::held_keys,
                      .key = std::vector<std::byte>(sizeof made.node.bytes),
                      .body = std::vector<std::byte>(number_bytes + 1 + made.entries.size() * entry_bytes),
                      .version = version,
                      .until = for_good};
    field_writer{told.key}.bytes(made.node.bytes);
    field_writer body{told.body};
    body.integer(made.sealing, number_bytes);
    body.integer(made.entries.size(), 1);
    for (const auto& each : made.entries) {
        body.integer(each.number, number_bytes);
        body.bytes(each.print);
    }
    return told;
}

std::optional<held_keys> held_keys_of(const gossip::fact& told) {
    if (told.kind != fact_kind::held_keys) return std::nullopt;
    field_reader key{told.key};
    field_reader body{told.body};
    held_keys read{.node = {key.bytes<sizeof(gossip::node_id::bytes)>()}, .sealing = 0, .entries = {}};
    read.sealing = read_number(body);
    const auto count = body.integer(1);
    if (count > credential::key_ring::keys_max) return std::nullopt;
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto number = read_number(body);
        read.entries.push_back({.number = number, .print = body.bytes<sizeof(key_fingerprint)>()});
    }
    if (!key.complete() || !body.complete()) return std::nullopt;
    return read;
}

}  // namespace turnix::fleet
