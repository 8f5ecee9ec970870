#include "relay/turn/authentication.hpp"

#include "relay/stun/attributes.hpp"
#include "relay/stun/integrity.hpp"
#include "relay/turn/answer.hpp"
#include "relay/turn/credential_time.hpp"

#include <string_view>
#include <utility>

namespace turnix::turn {

namespace {

using stun::attribute_type;
using stun::error_code;

// The record that the password is checked against; null when there is none that may still be used.
shared_credential credential_of(server_state& server, const request& asked, std::string_view username) {
    if (asked.session != nullptr && asked.session->credential->username == username) {
        return asked.session->credential;
    }
    auto credential = server.credentials.open(username, asked.now);
    const bool is_allocate = asked.message.header().method == stun::method::allocate;
    if (credential && is_allocate && !may_begin(credential->claims, asked.now.wall)) return nullptr;
    return credential;
}

constexpr authentication_failure unsigned_request{error_code::unauthenticated, budgeted_answer::unauthorized};
constexpr authentication_failure incomplete{error_code::bad_request, budgeted_answer::unauthorized};
constexpr authentication_failure stale{error_code::stale_nonce, budgeted_answer::unauthorized};
constexpr authentication_failure failed{error_code::unauthenticated, budgeted_answer::failed_integrity};

}  // namespace

std::optional<authentication_failure> authenticate(server_state& server, request& asked) {
    const auto& message = asked.message;

    // RFC 8489 §9.2.4, in its order.
    if (!message.has(attribute_type::message_integrity)) return unsigned_request;  // 401
    const auto username = message.find(attribute_type::username);
    const auto nonce = message.find(attribute_type::nonce);
    if (!username || !nonce || !message.has(attribute_type::realm)) return incomplete;  // 400

    const auto verdict = server.environment.admission.nonces().judge(stun::decode_text(*nonce),
                                                                     asked.path.client, asked.now.monotonic);
    if (verdict != nonce_verdict::fresh) return stale;  // 438

    auto credential = credential_of(server, asked, stun::decode_text(*username));
    if (!credential) return failed;                                                   // 401
    if (!stun::has_valid_message_integrity(message, credential->key)) return failed;  // 401
    asked.credential = std::move(credential);
    return std::nullopt;
}

client_effect challenge(server_state& server, const request& asked,
                        const authentication_failure& failure) noexcept {
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
    }
    return refusal.send();
}

bool may_answer(server_state& server, const request& asked, budgeted_answer kind) noexcept {
    const bool exempt =
        asked.path.transport != net::transport::udp && kind != budgeted_answer::failed_integrity;
    return exempt ||
           server.environment.admission.budgets().take(kind, asked.path.client.address, asked.now.monotonic);
}

}  // namespace turnix::turn
