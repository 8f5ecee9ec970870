#include "relay/turn/answer.hpp"

#include "relay/stun/attributes.hpp"

#include <utility>

namespace turnix::turn {

answer answer::success(server_state& server, const request& asked) noexcept {
    return {server, asked, asked.message.header().success()};
}

answer answer::error(server_state& server, const request& asked, stun::error_code code) noexcept {
    server.counters.count_error(static_cast<std::uint16_t>(code));
    answer made{server, asked, asked.message.header().error()};
    stun::add_error_code(made.message_, code);
    return made;
}

client_effect answer::send() noexcept {
    if (asked_.credential) message_.add_message_integrity(asked_.credential->key);
    if (asked_.message.has(stun::attribute_type::fingerprint)) message_.add_fingerprint();
    return reply{message_.message()};
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
