// Answers to requests: signed once the request is authenticated, with FINGERPRINT when the request has one
// (RFC 8489 §6.3.1, §7, §9.2.4).
#pragma once

#include "relay/stun/error_code.hpp"
#include "relay/stun/message_writer.hpp"
#include "relay/turn/request.hpp"
#include "relay/turn/routes.hpp"
#include "relay/turn/server_state.hpp"

#include <cstddef>
#include <span>

namespace turnix::turn {

/// One answer in the server's buffer: add its attributes to `message`, then send it.
class answer {
  public:
    [[nodiscard]] static answer success(server_state& server, const request& asked) noexcept;
    /// With its ERROR-CODE; counted.
    [[nodiscard]] static answer error(server_state& server, const request& asked,
                                      stun::error_code code) noexcept;

    [[nodiscard]] stun::message_writer& message() noexcept { return message_; }
    [[nodiscard]] client_effect send() noexcept { return reply{signed_message()}; }
    /// From this UDP listener of the node, wherever the request came to (RFC 5780).
    [[nodiscard]] client_effect send_from(const net::endpoint& server) noexcept {
        return reply{.message = signed_message(), .from = server};
    }
    /// As it is to be sent.
    [[nodiscard]] std::span<const std::byte> signed_message() noexcept;

  private:
    answer(server_state& server, const request& asked, const stun::message_header& header) noexcept
        : asked_{asked}, message_{server.answer_buffer, header} {}

    const request& asked_;
    stun::message_writer message_;
};

/// An error that has nothing but its code.
[[nodiscard]] client_effect refuse(server_state& server, const request& asked,
                                   stun::error_code code) noexcept;

/// A success that has no attributes of its own.
[[nodiscard]] client_effect confirm(server_state& server, const request& asked) noexcept;

/// 420 with UNKNOWN-ATTRIBUTES.
[[nodiscard]] client_effect refuse_unknown(server_state& server, const request& asked,
                                           const stun::unknown_attributes& unknown) noexcept;

}  // namespace turnix::turn
