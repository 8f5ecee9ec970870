#include "relay/turn/answer.hpp"

#include "relay/stun/attributes.hpp"

#include <utility>

namespace turnix::turn {

namespace {

// RFC 8489 §9.2.4: SHA-256 for who has chosen an algorithm, SHA-1 for who knows of no choice.
void sign(stun::message_writer& message, const request& asked) noexcept {
    if (!asked.credential) return;
    const auto key = asked.key_of(*asked.credential);
    if (asked.algorithm) {
        message.add_message_integrity_sha256(key);
    } else {
        message.add_message_integrity(key);
    }
}

}  // namespace

answer answer::success(server_state& server, const request& asked) noexcept {
    return {server, asked, asked.message.header().success()};
}

answer answer::error(server_state& server, const request& asked, stun::error_code code) noexcept {
    server.counters.count_error(static_cast<std::uint16_t>(code));
    answer made{server, asked, asked.message.header().error()};
    stun::add_error_code(made.message_, code);
    return made;
}

std::span<const std::byte> answer::signed_message() noexcept {
    sign(message_, asked_);
    if (asked_.message.has(stun::attribute_type::fingerprint)) message_.add_fingerprint();
    return message_.message();
}

client_effect refuse(server_state& server, const request& asked, stun::error_code code) noexcept {
    return answer::error(server, asked, code).send();
}

client_effect confirm(server_state& server, const request& asked) noexcept {
    return answer::success(server, asked).send();
}

client_effect refuse_unknown(server_state& server, const request& asked,
                             const stun::unknown_attributes& unknown) noexcept {
    auto refusal = answer::error(server, asked, stun::error_code::unknown_attribute);
    stun::add_unknown_attributes(refusal.message(), unknown);
    return refusal.send();
}

}  // namespace turnix::turn
