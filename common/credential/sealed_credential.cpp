#include "common/credential/sealed_credential.hpp"

#include "common/credential/claims_codec.hpp"
#include "common/credential/credential_reference.hpp"
#include "common/credential/field_codec.hpp"
#include "common/crypto/aes_siv.hpp"
#include "common/crypto/base64url.hpp"
#include "common/crypto/digest.hpp"

#include <boost/throw_exception.hpp>

#include <stdexcept>

namespace turnix::credential {

namespace {

constexpr std::uint8_t version = 1;
/// version(1) | key number(2)
constexpr std::size_t head_bytes = 3;
constexpr std::size_t raw_bytes_min = head_bytes + crypto::aes_siv::tag_bytes + claims_bytes_min;
constexpr std::size_t raw_bytes_max = head_bytes + crypto::aes_siv::tag_bytes + claims_bytes_max;
static_assert(raw_bytes_max <= 381);
static_assert(crypto::base64url_length(raw_bytes_max) <= username_bytes_max);

/// What seals and opens under one key.
struct keyed_cipher {
    const key* under;
    crypto::aes_siv cipher;
};

std::string password_of(std::string_view username, const key& under) {
    return crypto::base64url_encode(
        crypto::hmac_sha256(std::as_bytes(under.password.bytes()), {std::as_bytes(std::span{username})}));
}

}  // namespace

/// The associated data is kept whole, head | realm, and its head written over for each operation.
struct credential_sealer::state {
    std::shared_ptr<const key_ring> ring;
    std::vector<keyed_cipher> ciphers;
    std::vector<std::byte> associated;

    state(std::shared_ptr<const key_ring> of, std::string_view realm) : ring{std::move(of)} {
        for (const auto& each : ring->keys())
            ciphers.push_back({.under = &each, .cipher = crypto::aes_siv{std::as_bytes(each.seal.bytes())}});
        const auto realm_bytes = std::as_bytes(std::span{realm});
        associated.resize(head_bytes);
        associated.insert(associated.end(), realm_bytes.begin(), realm_bytes.end());
    }

    crypto::aes_siv& cipher_of(const key& wanted) {
        return std::ranges::find(ciphers, &wanted, &keyed_cipher::under)->cipher;
    }
    std::span<const std::byte> associated_with(std::span<const std::byte> head) {
        std::ranges::copy(head, associated.begin());
        return associated;
    }
};

credential_sealer::credential_sealer(std::shared_ptr<const key_ring> ring, std::string_view realm)
    : state_{std::make_unique<state>(std::move(ring), realm)} {}
credential_sealer::~credential_sealer() = default;
credential_sealer::credential_sealer(credential_sealer&&) noexcept = default;
credential_sealer& credential_sealer::operator=(credential_sealer&&) noexcept = default;

result<issued_credential, issue_error> credential_sealer::issue(const claims& what, wall_time now) {
    const auto* const under = state_->ring->current(now);
    if (under == nullptr) return issue_error::no_valid_key;
    claims_buffer buffer;
    const auto plain = encode(what, buffer);
    if (!plain) return issue_error::claims_invalid;

    std::array<std::byte, raw_bytes_max> raw{};
    field_writer writer{raw};
    writer.integer(version, 1);
    writer.integer(under->number, 2);
    const auto associated = state_->associated_with(writer.written());
    state_->cipher_of(*under).seal(associated, *plain,
                                   writer.claim(crypto::aes_siv::tag_bytes + plain->size()));

    auto username = crypto::base64url_encode(writer.written());
    auto password = password_of(username, *under);
    const credential_reference reference{.id = what.id, .project = what.project};
    return issued_credential{.username = std::move(username),
                             .password = std::move(password),
                             .public_id = reference.seal(*under)};
}

result<verified_credential, credential_error> credential_sealer::open(std::string_view username,
                                                                      wall_time now) {
    std::array<std::byte, raw_bytes_max> raw{};
    const auto decoded = crypto::base64url_decode(username, raw);
    if (!decoded || decoded->size() < raw_bytes_min) return credential_error::malformed;
    field_reader reader{*decoded};
    if (reader.integer(1) != version) return credential_error::malformed;
    const auto* const under = state_->ring->find(static_cast<key_number>(reader.integer(2)));
    if (under == nullptr) return credential_error::unknown_key;
    if (!under->is_valid_at(now)) return credential_error::key_not_valid;

    const auto sealed = decoded->subspan(head_bytes);
    claims_buffer buffer;
    const auto plain = std::span{buffer}.first(sealed.size() - crypto::aes_siv::tag_bytes);
    const auto associated = state_->associated_with(decoded->first(head_bytes));
    if (!state_->cipher_of(*under).open(associated, sealed, plain)) return credential_error::forged;
    auto read = decode(plain);
    if (!read) return credential_error::malformed;
    return verified_credential{.claims = *std::move(read), .password = password_of(username, *under)};
}

std::string_view to_string(credential_error value) noexcept {
    switch (value) {
        case credential_error::malformed:
            return "the username is not a credential";
        case credential_error::unknown_key:
            return "the credential's key is unknown";
        case credential_error::key_not_valid:
            return "the credential's key is outside its dates";
        case credential_error::forged:
            return "the credential was tampered with or is of another realm";
    }
    return "unknown credential error";
}

void throw_exception_from_error(credential_error error, const boost::source_location& where) {
    boost::throw_exception(std::runtime_error{std::string{to_string(error)}}, where);
}

std::string_view to_string(issue_error value) noexcept {
    switch (value) {
        case issue_error::no_valid_key:
            return "no key of the ring is valid now";
        case issue_error::claims_invalid:
            return "a claim is out of its bounds";
    }
    return "unknown issue error";
}

void throw_exception_from_error(issue_error error, const boost::source_location& where) {
    boost::throw_exception(std::runtime_error{std::string{to_string(error)}}, where);
}

}  // namespace turnix::credential
