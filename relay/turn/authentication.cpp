#include "relay/turn/authentication.hpp"

#include "relay/stun/attributes.hpp"
#include "relay/stun/integrity.hpp"
#include "relay/turn/answer.hpp"
#include "relay/turn/credential_time.hpp"
#include "relay/turn/shedding.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <utility>

namespace turnix::turn {

namespace {

using stun::attribute_type;
using stun::error_code;
using stun::password_algorithm;

// In the order of preference.
constexpr std::array offered{password_algorithm::sha256, password_algorithm::md5};

constexpr authentication_failure unsigned_request{error_code::unauthenticated, budgeted_answer::unauthorized};
constexpr authentication_failure malformed{error_code::bad_request, budgeted_answer::unauthorized};
constexpr authentication_failure stale{error_code::stale_nonce, budgeted_answer::unauthorized};
constexpr authentication_failure failed{error_code::unauthenticated, budgeted_answer::failed_integrity};

bool is_signed(const stun::message_view& message) noexcept {
    return message.has(attribute_type::message_integrity) ||
           message.has(attribute_type::message_integrity_sha256);
}

bool is_signed_with(const stun::message_view& message, std::span<const std::byte> key) noexcept {
    return message.has(attribute_type::message_integrity_sha256)
               ? stun::has_valid_message_integrity_sha256(message, key)
               : stun::has_valid_message_integrity(message, key);
}

// Malformed unless the client names neither the offer nor a choice, or the whole offer and a choice from it:
// whoever takes SHA-256 out of an offer on its way is found out here.
optional_attribute<password_algorithm> chosen_algorithm(const request& asked) noexcept {
    const auto offer = asked.message.find(attribute_type::password_algorithms);
    const auto choice = asked.read(attribute_type::password_algorithm, stun::decode_password_algorithm);
    if (!offer && !choice.value && !choice.malformed) return {};
    const bool is_from_offer = offer && stun::is_password_algorithms(*offer, offered) && choice.value &&
                               std::ranges::find(offered, *choice.value) != offered.end();
    return {.value = choice.value, .malformed = !is_from_offer};
}

// Who may have signed the request. The owner of the path's allocation needs no look-up, and its credential's
// expiry no longer matters; anybody else's gates Allocate, and so do overrides.
credential_source::candidates candidates_of(server_state& server, const request& asked) {
    const auto username = asked.message.find(attribute_type::username);
    const auto hash = asked.message.find(attribute_type::userhash);
    credential_source::candidates found;
    if (username) {
        const auto name = stun::decode_text(*username);
        if (asked.session != nullptr && asked.session->credential->username == name) {
            return {asked.session->credential};
        }
        found = server.credentials.find(name, asked.now);
    } else if (hash) {
        found = server.credentials.find_hashed(*hash);
    }
    if (asked.message.header().method != stun::method::allocate) return found;
    for (auto& each : found) each = server.overrides.judge(std::move(each));
    const auto kept = std::ranges::remove_if(found, [&asked](const shared_credential& each) {
        return !each || !may_begin(each->claims, asked.now.wall);
    });
    found.erase(kept.begin(), kept.end());
    return found;
}

// The one that the request is signed with; null when there is none that may still be used.
shared_credential credential_of(server_state& server, const request& asked) {
    for (auto& candidate : candidates_of(server, asked)) {
        if (is_signed_with(asked.message, asked.key_of(*candidate))) return std::move(candidate);
    }
    return nullptr;
}

}  // namespace

std::optional<authentication_failure> authenticate(server_state& server, request& asked) {
    const auto& message = asked.message;

    // RFC 8489 §9.2.4, in its order.
    if (!is_signed(message)) return unsigned_request;  // 401

    const auto nonce = message.find(attribute_type::nonce);
    const bool has_user = message.has(attribute_type::username) || message.has(attribute_type::userhash);
    if (!has_user || !nonce || !message.has(attribute_type::realm)) return malformed;  // 400

    const auto nonce_text = stun::decode_text(*nonce);
    const auto algorithm = chosen_algorithm(asked);
    if (nonce_text.starts_with(nonce_cookie) && algorithm.malformed) return malformed;  // 400
    asked.algorithm = algorithm.value;

    // A nonce that was never issued to this address comes before the RFC's next steps: who forges a source
    // address must not make the server open credentials, nor use up the budget of who lives there.
    const auto verdict =
        server.environment.admission.nonces().judge(nonce_text, asked.path.client, asked.now.monotonic);
    if (verdict == nonce_verdict::invalid) return stale;  // 438

    auto credential = credential_of(server, asked);
    if (!credential) return failed;                     // 401
    if (verdict == nonce_verdict::stale) return stale;  // 438
    asked.credential = std::move(credential);
    return std::nullopt;
}

client_effect challenge(server_state& server, const request& asked,
                        const authentication_failure& failure) noexcept {
    if (is_ignored(server, asked)) return server.drop(drop_reason::overload);
    if (!may_answer(server, asked, failure.budget)) {
        const bool counts_integrity = failure.budget == budgeted_answer::failed_integrity;
        return server.drop(counts_integrity ? drop_reason::integrity_budget
                                            : drop_reason::unauthorized_budget);
    }
    auto refusal = answer::error(server, asked, failure.code);
    if (failure.code != error_code::bad_request) {
        const auto nonce =
            server.environment.admission.nonces().issue(asked.path.client, asked.now.monotonic);
        refusal.message().add(attribute_type::realm, server.environment.settings.realm);
        refusal.message().add(attribute_type::nonce, std::string_view{nonce.data(), nonce.size()});
        stun::add_password_algorithms(refusal.message(), offered);
    }
    return refusal.send();
}

bool may_answer(server_state& server, const request& asked, budgeted_answer kind) noexcept {
    const bool is_failure = kind == budgeted_answer::failed_integrity;
    if (asked.path.transport != net::transport::udp && !is_failure) return true;
    const auto now = asked.now.monotonic;
    // Failures have a budget that is small enough.
    if (!is_failure && !server.strangers.take(now, server.random)) return false;
    return server.environment.admission.budgets().take(kind, asked.path.client.address, now);
}

}  // namespace turnix::turn
