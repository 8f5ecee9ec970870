#include "api/fleet/gossip/fact.hpp"

#include "common/crypto/digest.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

namespace turnix::gossip {

namespace {

using credential::field_reader;
using credential::field_writer;

/// A node's record begins with another one: neither can be taken for the other.
constexpr std::uint8_t format_version = 2;

std::vector<std::byte> copy_of(std::span<const std::byte> bytes) { return {bytes.begin(), bytes.end()}; }

void copy(field_writer& to, std::span<const std::byte> bytes) noexcept {
    std::ranges::copy(bytes, to.claim(bytes.size()).begin());
}

void write_unsigned(field_writer& to, const fact& values, const node_id& signer) noexcept {
    to.integer(format_version, 1);
    to.integer(static_cast<std::uint64_t>(values.kind), 1);
    to.bytes(signer.bytes);
    to.integer(values.version, 8);
    to.integer(static_cast<std::uint64_t>(values.until.time_since_epoch().count()), 8);
    to.integer(values.key.size(), 1);
    copy(to, values.key);
    to.integer(values.body.size(), 2);
    copy(to, values.body);
}

std::vector<std::byte> signed_bytes(const fact& values, const node_id& signer) {
    std::vector<std::byte> bytes(fact_bytes(values.key.size(), values.body.size()) -
                                 sizeof(crypto::ed25519_signature));
    field_writer to{bytes};
    write_unsigned(to, values, signer);
    return bytes;
}

}  // namespace

fact_key fact::hashed_key() const noexcept {
    const std::array first{static_cast<std::byte>(kind)};
    const auto digest = crypto::sha256({first, key});
    field_reader from{digest};
    return from.integer(sizeof(fact_key));
}

std::size_t size_of(const signed_fact& told) noexcept {
    return fact_bytes(told.values.key.size(), told.values.body.size());
}

signed_fact sign(fact values, const node_id& signer, const crypto::ed25519_key& key) {
    const auto signature = key.sign(signed_bytes(values, signer));
    return {.values = std::move(values), .signer = signer, .signature = signature};
}

bool is_signed_by(const signed_fact& told, const crypto::ed25519_public_key& key) {
    return crypto::ed25519_verify(key, signed_bytes(told.values, told.signer), told.signature);
}

void write(field_writer& to, const signed_fact& told) noexcept {
    write_unsigned(to, told.values, told.signer);
    copy(to, told.signature);
}

std::optional<signed_fact> read_fact(std::span<const std::byte> bytes) {
    if (bytes.size() > fact_bytes_max) return std::nullopt;
    field_reader from{bytes};
    signed_fact read;
    if (from.integer(1) != format_version) from.fail();
    read.values.kind = static_cast<fact_kind>(from.integer(1));
    read.signer.bytes = from.bytes<sizeof read.signer.bytes>();
    read.values.version = from.integer(8);
    read.values.until =
        std::chrono::sys_seconds{std::chrono::seconds{std::bit_cast<std::int64_t>(from.integer(8))}};
    read.values.key = copy_of(from.take(from.integer(1)));
    read.values.body = copy_of(from.take(from.integer(2)));
    std::ranges::copy(from.take(read.signature.size()), read.signature.begin());
    if (!from.complete()) return std::nullopt;
    return read;
}

}  // namespace turnix::gossip
