#include "api/fleet/override_fact.hpp"

#include "common/credential/field_codec.hpp"
#include "common/credential/names.hpp"

#include <array>
#include <bit>
#include <string>

namespace turnix::fleet {

namespace {

using contract::credential_override;
using credential::field_reader;
using credential::field_writer;

constexpr std::size_t key_bytes = 1 + 1 + 16 + 16;
/// A packet rate follows when the cap has one, so that any other is the same fact to every version.
constexpr std::size_t packet_rate_bytes = 4;
constexpr std::size_t body_bytes_min = 8 + 1 + 8 + 8 + 1 + 8 + 8 + 2;
constexpr std::size_t body_bytes_max = body_bytes_min + packet_rate_bytes;
static_assert(gossip::fact_bytes(key_bytes + credential::name_characters_max, body_bytes_max) <=
              gossip::fact_bytes_max);

enum limit_bits : std::uint8_t { has_bitrate = 1, has_bytes = 2, has_allocations = 4, has_packet_rate = 8 };

void write(field_writer& to, std::chrono::sys_seconds time) noexcept {
    to.integer(static_cast<std::uint64_t>(time.time_since_epoch().count()), 8);
}

std::chrono::sys_seconds read_time(field_reader& from) noexcept {
    return std::chrono::sys_seconds{std::chrono::seconds{std::bit_cast<std::int64_t>(from.integer(8))}};
}

template <class Enumeration>
Enumeration read_enumerated(field_reader& from, Enumeration last) noexcept {
    const auto value = from.integer(1);
    if (value > static_cast<std::uint64_t>(last)) from.fail();
    return static_cast<Enumeration>(value);
}

void write(field_writer& to, const contract::limits_change& limits) noexcept {
    const auto bit = [](const auto& limit, limit_bits is_given) {
        return limit ? static_cast<unsigned>(is_given) : 0U;
    };
    to.integer(bit(limits.bitrate_bps_max, has_bitrate) | bit(limits.bytes_max, has_bytes) |
                   bit(limits.allocations_max, has_allocations) |
                   bit(limits.packets_per_second_max, has_packet_rate),
               1);
    to.integer(limits.bitrate_bps_max.value_or(0), 8);
    to.integer(limits.bytes_max.value_or(0), 8);
    to.integer(limits.allocations_max.value_or(0), 2);
    if (limits.packets_per_second_max) to.integer(*limits.packets_per_second_max, packet_rate_bytes);
}

contract::limits_change read_limits(field_reader& from) noexcept {
    contract::limits_change limits;
    const auto given = from.integer(1);
    const auto bitrate = from.integer(8);
    const auto bytes = from.integer(8);
    const auto allocations = from.integer(2);
    if ((given & has_bitrate) != 0) limits.bitrate_bps_max = bitrate;
    if ((given & has_bytes) != 0) limits.bytes_max = bytes;
    if ((given & has_allocations) != 0) limits.allocations_max = static_cast<std::uint16_t>(allocations);
    if ((given & has_packet_rate) != 0)
        limits.packets_per_second_max = static_cast<std::uint32_t>(from.integer(packet_rate_bytes));
    return limits;
}

void read_target(field_reader& from, std::size_t name_bytes, contract::override_target& into) {
    into.scope = read_enumerated(from, contract::override_scope::project);
    into.project.bytes = from.bytes<16>();
    into.id = from.bytes<16>();
    for (const auto each : from.take(name_bytes)) into.name.push_back(std::to_integer<char>(each));
    if (!into.name.empty() && !credential::is_name(into.name)) from.fail();
}

}  // namespace

gossip::fact fact_of(const credential_override& made) {
    gossip::fact told{.kind = gossip::fact_kind::credential_override,
                      .key = std::vector<std::byte>(key_bytes + made.target.name.size()),
                      .body = {},
                      .version = made.version,
                      .until = made.until};
    field_writer key{told.key};
    key.integer(static_cast<std::uint64_t>(made.kind), 1);
    key.integer(static_cast<std::uint64_t>(made.target.scope), 1);
    key.bytes(made.target.project.bytes);
    key.bytes(made.target.id);
    for (const auto each : made.target.name) key.integer(static_cast<unsigned char>(each), 1);
    std::array<std::byte, body_bytes_max> buffer{};
    field_writer body{buffer};
    write(body, made.issued_before);
    body.integer(static_cast<std::uint64_t>(made.sessions), 1);
    write(body, made.expires_at);
    write(body, made.sessions_end_at);
    write(body, made.limits);
    told.body.assign(body.written().begin(), body.written().end());
    return told;
}

std::optional<credential_override> override_of(const gossip::fact& told) {
    if (told.kind != gossip::fact_kind::credential_override || told.key.size() < key_bytes) {
        return std::nullopt;
    }
    credential_override made{.target = {}, .version = told.version, .until = told.until};
    field_reader key{told.key};
    made.kind = read_enumerated(key, contract::override_kind::cap);
    read_target(key, told.key.size() - key_bytes, made.target);
    field_reader body{told.body};
    made.issued_before = read_time(body);
    made.sessions = read_enumerated(body, contract::live_sessions_rule::drain);
    made.expires_at = read_time(body);
    made.sessions_end_at = read_time(body);
    made.limits = read_limits(body);
    if (!key.complete() || !body.complete()) return std::nullopt;
    return made;
}

}  // namespace turnix::fleet
