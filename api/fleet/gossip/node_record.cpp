#include "api/fleet/gossip/node_record.hpp"

#include "common/credential/field_codec.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace turnix::gossip {

namespace {

using credential::field_reader;
using credential::field_writer;

constexpr std::uint8_t format_version = 1;
constexpr std::size_t signature_bytes = sizeof(crypto::ed25519_signature);

bool is_state(std::uint64_t value) noexcept {
    return value >= static_cast<std::uint64_t>(declared_state::serving) &&
           value <= static_cast<std::uint64_t>(declared_state::left);
}

std::uint16_t read_port(field_reader& from) noexcept { return static_cast<std::uint16_t>(from.integer(2)); }

node_record read_values(field_reader& from) noexcept {
    node_record values;
    if (from.integer(1) != format_version) from.fail();
    values.node.bytes = from.bytes<sizeof values.node.bytes>();
    values.version.incarnation = from.integer(8);
    values.version.sequence = static_cast<std::uint32_t>(from.integer(4));
    const auto state = from.integer(1);
    if (!is_state(state)) from.fail();
    values.status.state = static_cast<declared_state>(state);
    values.status.sessions = static_cast<std::uint32_t>(from.integer(4));
    values.status.sessions_max = static_cast<std::uint32_t>(from.integer(4));
    auto& ports = values.status.ports;
    for (auto* const port : {&ports.udp, &ports.tcp, &ports.tls, &ports.dtls}) *port = read_port(from);
    return values;
}

}  // namespace

signed_record sign(const node_record& values, const crypto::ed25519_key& key) {
    std::array<std::byte, record_bytes_max - signature_bytes> buffer{};
    field_writer to{buffer};
    const auto& status = values.status;
    to.integer(format_version, 1);
    to.bytes(values.node.bytes);
    to.integer(values.version.incarnation, 8);
    to.integer(values.version.sequence, 4);
    to.integer(static_cast<std::uint64_t>(status.state), 1);
    to.integer(status.sessions, 4);
    to.integer(status.sessions_max, 4);
    for (const auto port : {status.ports.udp, status.ports.tcp, status.ports.tls, status.ports.dtls}) {
        to.integer(port, 2);
    }
    const auto signature = key.sign(to.written());
    std::vector<std::byte> bytes(to.written().size() + signature.size());
    std::ranges::copy(signature, std::ranges::copy(to.written(), bytes.begin()).out);
    return {.values = values, .bytes = std::move(bytes)};
}

std::optional<signed_record> read_record(std::span<const std::byte> bytes) {
    if (bytes.size() < signature_bytes || bytes.size() > record_bytes_max) return std::nullopt;
    field_reader from{bytes.first(bytes.size() - signature_bytes)};
    auto values = read_values(from);
    if (from.failed()) return std::nullopt;
    return signed_record{.values = values, .bytes = {bytes.begin(), bytes.end()}};
}

bool is_signed_by(const signed_record& record, const crypto::ed25519_public_key& key) noexcept {
    const std::span bytes{record.bytes};
    return crypto::ed25519_verify(key, bytes.first(bytes.size() - signature_bytes),
                                  bytes.last(signature_bytes));
}

}  // namespace turnix::gossip
