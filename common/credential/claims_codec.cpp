#include "common/credential/claims_codec.hpp"

#include "common/credential/field_codec.hpp"

#include <string_view>

namespace turnix::credential {

namespace {

constexpr std::int64_t time_end_s = std::int64_t{1} << (8 * claims_time_bytes);

/// Bits of the first byte, in the order of the fields they announce. All are in use: what came later has its
/// bit among the options, where claims without it have a 0 as ever.
enum presence : std::uint8_t {
    room_present = 0x01,
    initiator_present = 0x02,
    receiver_present = 0x04,
    region_present = 0x08,
    bitrate_present = 0x10,
    bytes_present = 0x20,
    allocations_present = 0x40,
    allowed_client_present = 0x80,
};

/// The options: packet rate is present(1) | allowed client is IPv6(1) | transports(4) | on_expiry(1) |
/// scope(2) | role(2), from bit 10 down.
struct option_field {
    unsigned shift;
    unsigned width;
    unsigned value_max;
};
constexpr option_field role_option{.shift = 0, .width = 2, .value_max = 2};
constexpr option_field scope_option{.shift = 2, .width = 2, .value_max = 2};
constexpr option_field expiry_option{.shift = 4, .width = 1, .value_max = 1};
constexpr option_field transports_option{.shift = 5, .width = 4, .value_max = 0x0f};
constexpr option_field client_is_v6_option{.shift = 9, .width = 1, .value_max = 1};
constexpr option_field packet_rate_option{.shift = 10, .width = 1, .value_max = 1};
constexpr unsigned options_end = 1U << 11;

/// Gathers the options; none once a value was out of its bounds.
class option_packer {
  public:
    void add(option_field field, unsigned value) noexcept {
        if (value > field.value_max) options_.reset();
        if (options_) *options_ |= value << field.shift;
    }
    [[nodiscard]] std::optional<unsigned> packed() const noexcept { return options_; }

  private:
    std::optional<unsigned> options_{0};
};

constexpr unsigned option(unsigned options, option_field field) noexcept {
    return (options >> field.shift) & ((1U << field.width) - 1U);
}

bool time_fits(std::chrono::sys_seconds time) noexcept {
    const auto seconds = time.time_since_epoch().count();
    return seconds >= 0 && seconds < time_end_s;
}

bool fits(const claims& what) noexcept {
    const auto absent_or_name = [](std::string_view text) { return text.empty() || is_name(text); };
    return time_fits(what.issued_at) && time_fits(what.expires_at) && time_fits(what.sessions_end_at) &&
           absent_or_name(what.room) && absent_or_name(what.initiator_client) &&
           absent_or_name(what.receiver_client) && (what.region.empty() || is_region_slug(what.region));
}

unsigned presence_of(const claims& what) noexcept {
    const auto bit = [](bool present, presence value) { return present ? unsigned{value} : 0U; };
    return bit(!what.room.empty(), room_present) | bit(!what.initiator_client.empty(), initiator_present) |
           bit(!what.receiver_client.empty(), receiver_present) | bit(!what.region.empty(), region_present) |
           bit(what.limits.bitrate_bps_max != 0, bitrate_present) |
           bit(what.limits.bytes_max != 0, bytes_present) |
           bit(what.limits.allocations_max != 0, allocations_present) |
           bit(what.allowed_client.has_value(), allowed_client_present);
}

std::optional<unsigned> options_of(const claims& what) noexcept {
    option_packer packer;
    packer.add(role_option, static_cast<unsigned>(what.role));
    packer.add(scope_option, static_cast<unsigned>(what.scope));
    packer.add(expiry_option, static_cast<unsigned>(what.expiry));
    packer.add(transports_option, what.transports.bits);
    packer.add(client_is_v6_option, what.allowed_client && what.allowed_client->is_v6() ? 1U : 0U);
    packer.add(packet_rate_option, what.limits.packets_per_second_max != 0 ? 1U : 0U);
    return packer.packed();
}

void write_time(field_writer& writer, std::chrono::sys_seconds time) noexcept {
    writer.integer(static_cast<std::uint64_t>(time.time_since_epoch().count()), claims_time_bytes);
}

void write_name(field_writer& writer, std::string_view name) noexcept {
    if (name.empty()) return;
    writer.integer(name.size(), 1);
    pack_name(name, writer.claim(packed_name_bytes(name.size())));
}

void write_limit(field_writer& writer, std::uint64_t value, std::size_t width) noexcept {
    if (value != 0) writer.integer(value, width);
}

std::chrono::sys_seconds read_time(field_reader& reader) noexcept {
    return std::chrono::sys_seconds{
        std::chrono::seconds{static_cast<std::int64_t>(reader.integer(claims_time_bytes))}};
}

using name_rule = bool (*)(std::string_view) noexcept;

std::string read_name(field_reader& reader, bool present, name_rule is_valid) {
    if (!present) return {};
    const auto characters = static_cast<std::size_t>(reader.integer(1));
    const auto packed = reader.take(packed_name_bytes(characters));
    if (reader.failed()) return {};
    auto name = unpack_name(packed, characters);
    if (!name || !is_valid(*name)) {
        reader.fail();
        return {};
    }
    return *std::move(name);
}

std::uint64_t read_limit(field_reader& reader, bool present, std::size_t width) noexcept {
    if (!present) return 0;
    const auto value = reader.integer(width);
    if (value == 0) reader.fail();
    return value;
}

std::optional<net::address> read_client(field_reader& reader, bool present, bool is_v6) noexcept {
    if (!present) {
        if (is_v6) reader.fail();
        return std::nullopt;
    }
    return is_v6 ? net::address{reader.bytes<sizeof(net::address::v6_bytes)>()}
                 : net::address{reader.bytes<sizeof(net::address::v4_bytes)>()};
}

/// False when an option has a value that nothing is named by.
bool read_options(unsigned options, claims& into) noexcept {
    const auto role = option(options, role_option);
    const auto scope = option(options, scope_option);
    if (options >= options_end || role > role_option.value_max || scope > scope_option.value_max)
        return false;
    into.role = static_cast<party>(role);
    into.scope = static_cast<peer_scope>(scope);
    into.expiry = static_cast<on_expiry>(option(options, expiry_option));
    into.transports.bits = static_cast<std::uint8_t>(option(options, transports_option));
    return true;
}

}  // namespace

std::optional<std::span<const std::byte>> encode(const claims& what, claims_buffer& into) noexcept {
    const auto options = options_of(what);
    if (!options || !fits(what)) return std::nullopt;
    field_writer writer{into};
    writer.integer(presence_of(what), 1);
    writer.integer(*options, 2);
    writer.bytes(what.id.bytes);
    writer.bytes(what.project.bytes);
    writer.bytes(what.token.bytes);
    write_time(writer, what.issued_at);
    write_time(writer, what.expires_at);
    write_time(writer, what.sessions_end_at);
    write_name(writer, what.room);
    write_name(writer, what.initiator_client);
    write_name(writer, what.receiver_client);
    write_name(writer, what.region);
    write_limit(writer, what.limits.bitrate_bps_max, 8);
    write_limit(writer, what.limits.bytes_max, 8);
    write_limit(writer, what.limits.allocations_max, 2);
    write_limit(writer, what.limits.packets_per_second_max, 4);
    if (what.allowed_client) writer.bytes(what.allowed_client->bytes());
    return writer.written();
}

std::optional<claims> decode(std::span<const std::byte> bytes) {
    field_reader reader{bytes};
    claims read;
    const auto present = static_cast<unsigned>(reader.integer(1));
    const auto options = static_cast<unsigned>(reader.integer(2));
    if (!read_options(options, read)) return std::nullopt;
    read.id = {reader.bytes<sizeof(detail::identifier_bytes)>()};
    read.project = {reader.bytes<sizeof(detail::identifier_bytes)>()};
    read.token = {reader.bytes<sizeof(detail::identifier_bytes)>()};
    read.issued_at = read_time(reader);
    read.expires_at = read_time(reader);
    read.sessions_end_at = read_time(reader);
    read.room = read_name(reader, (present & room_present) != 0, is_name);
    read.initiator_client = read_name(reader, (present & initiator_present) != 0, is_name);
    read.receiver_client = read_name(reader, (present & receiver_present) != 0, is_name);
    read.region = read_name(reader, (present & region_present) != 0, is_region_slug);
    read.limits.bitrate_bps_max = read_limit(reader, (present & bitrate_present) != 0, 8);
    read.limits.bytes_max = read_limit(reader, (present & bytes_present) != 0, 8);
    read.limits.allocations_max =
        static_cast<std::uint16_t>(read_limit(reader, (present & allocations_present) != 0, 2));
    read.limits.packets_per_second_max =
        static_cast<std::uint32_t>(read_limit(reader, option(options, packet_rate_option) != 0, 4));
    read.allowed_client = read_client(reader, (present & allowed_client_present) != 0,
                                      option(options, client_is_v6_option) != 0);
    if (!reader.complete()) return std::nullopt;
    return read;
}

}  // namespace turnix::credential
