#include "common/credential/credential_reference.hpp"

#include "common/credential/field_codec.hpp"
#include "common/crypto/base64url.hpp"
#include "common/crypto/compare.hpp"
#include "common/crypto/digest.hpp"

namespace turnix::credential {

namespace {

constexpr std::string_view prefix = "ice_";
constexpr std::size_t mac_bytes = 8;
constexpr std::size_t named_bytes = 2 * sizeof(detail::identifier_bytes);
constexpr std::size_t raw_bytes = named_bytes + mac_bytes;

crypto::sha256_digest mac_of(std::span<const std::byte> named, const key& under) noexcept {
    return crypto::hmac_sha256(std::as_bytes(under.identifier.bytes()), {named});
}

}  // namespace

std::string credential_reference::seal(const key& under) const {
    std::array<std::byte, raw_bytes> raw{};
    field_writer writer{raw};
    writer.bytes(id.bytes);
    writer.bytes(project.bytes);
    const auto mac = mac_of(writer.written(), under);
    std::ranges::copy(std::span{mac}.first<mac_bytes>(), writer.claim(mac_bytes).begin());
    return std::string{prefix} + crypto::base64url_encode(raw);
}

std::optional<credential_reference> credential_reference::open(std::string_view text, const key_ring& ring) {
    if (!text.starts_with(prefix)) return std::nullopt;
    text.remove_prefix(prefix.size());
    std::array<std::byte, raw_bytes> raw{};
    const auto decoded = crypto::base64url_decode(text, raw);
    if (!decoded || decoded->size() != raw.size()) return std::nullopt;
    const auto named = std::span{raw}.first<named_bytes>();
    const auto mac = std::span{raw}.last<mac_bytes>();
    const auto fits = [&](const key& under) {
        const auto expected = mac_of(named, under);
        return crypto::equal_in_constant_time(mac, std::span{expected}.first<mac_bytes>());
    };
    if (std::ranges::none_of(ring.keys(), fits)) return std::nullopt;
    field_reader reader{named};
    const credential_id id{reader.bytes<sizeof(detail::identifier_bytes)>()};
    const project_id project{reader.bytes<sizeof(detail::identifier_bytes)>()};
    return credential_reference{.id = id, .project = project};
}

}  // namespace turnix::credential
