// A TURN client that says what a test wants it to say, and reads what comes back.
#pragma once

#include "relay/stun/attributes.hpp"
#include "relay/stun/error_code.hpp"
#include "relay/stun/integrity.hpp"
#include "relay/stun/message_writer.hpp"
#include "relay/turn/routes.hpp"
#include "tests/relay/turn/world.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace turnix::turn_test {

using stun::attribute_type;
using stun::method;
using bytes = std::vector<std::byte>;

/// Writes one or more attributes.
using attributes = std::vector<std::function<void(stun::message_writer&)>>;

std::function<void(stun::message_writer&)> udp();
std::function<void(stun::message_writer&)> transport(std::uint8_t protocol);
std::function<void(stun::message_writer&)> lifetime(std::chrono::seconds value);
std::function<void(stun::message_writer&)> family(std::uint8_t value);
/// ADDITIONAL-ADDRESS-FAMILY.
std::function<void(stun::message_writer&)> additional_family(std::uint8_t value);
/// With the next port reserved, or alone.
std::function<void(stun::message_writer&)> even_port(bool reserve_next);
std::function<void(stun::message_writer&)> token(std::string_view value);
std::function<void(stun::message_writer&)> peer(const char* endpoint);
std::function<void(stun::message_writer&)> peer(const net::endpoint& endpoint);
std::function<void(stun::message_writer&)> channel(std::uint16_t number);
std::function<void(stun::message_writer&)> data(std::string_view text);
/// MESSAGE-INTEGRITY and MESSAGE-INTEGRITY-SHA256 under a key.
std::function<void(stun::message_writer&)> integrity(const bytes& key);
std::function<void(stun::message_writer&)> integrity_sha256(const bytes& key);
/// Any type, any value.
std::function<void(stun::message_writer&)> raw(attribute_type type, std::string_view value);

bytes bytes_of(std::string_view text);
std::string text_of(std::span<const std::byte> of);

inline constexpr int success = 200;
inline constexpr int silence = 0;

/// What a request came to.
class answered {
  public:
    answered() = default;
    explicit answered(bytes message) : message_{std::move(message)} {}
    /// Copies it; throws when what came back is no answer, or not well-formed.
    static answered from(const turn::client_effect& effect);

    /// `success`, `silence`, or the error code.
    [[nodiscard]] int code() const;
    [[nodiscard]] bool has(attribute_type type) const;
    [[nodiscard]] std::string text(attribute_type type) const;
    /// Of an XORed address; throws when it is missing.
    [[nodiscard]] net::endpoint address(attribute_type type) const;
    /// Of each attribute of that type.
    [[nodiscard]] std::vector<net::endpoint> addresses(attribute_type type) const;
    [[nodiscard]] std::chrono::seconds lifetime() const;
    /// With MESSAGE-INTEGRITY, and not with MESSAGE-INTEGRITY-SHA256; or the other way round.
    [[nodiscard]] bool is_signed_with(std::span<const std::byte> key) const;
    [[nodiscard]] bool is_sha256_signed_with(std::span<const std::byte> key) const;
    [[nodiscard]] const bytes& message() const noexcept { return message_; }

  private:
    [[nodiscard]] stun::message_view view() const;
    bytes message_;
};

/// How a request deviates from what a good client sends.
struct deviation {
    std::optional<stun::transaction_id> id{};
    std::optional<std::string> username{};
    std::optional<std::string> password{};
    std::optional<std::string> nonce{};
    std::vector<attribute_type> without{};                   ///< of USERNAME, REALM, NONCE, MESSAGE-INTEGRITY
    std::function<void(stun::message_writer&)> signature{};  ///< in place of its own
    attributes after_integrity{};
    bool fingerprint{false};
};

class test_client {
  public:
    /// With a credential of its own.
    test_client(world& in, std::string_view client, net::transport over = net::transport::udp);
    test_client(world& in, std::string_view client, const credential::claims& claims,
                net::transport over = net::transport::udp);

    /// An authenticated request; learns realm and nonce from a 401 first when it has none.
    answered ask(method of, const attributes& with, const deviation& but = {});
    /// Without integrity.
    answered ask_unsigned(method of, const attributes& with, bool fingerprint = false);
    /// An allocation with the usual attributes; throws when it is not granted. The relayed address.
    net::endpoint allocate(const attributes& more = {});
    answered permit(const char* peer_address);
    answered bind(std::uint16_t number, const char* peer_address);

    /// A zero-length MOBILITY-TICKET in an Allocate; the ticket.
    std::string allocate_mobile();
    /// Goes on from another address and, maybe, another worker; what it knows of nonces does not count there.
    void move_to(std::string_view client, turn::worker_number at = 0);
    /// A Refresh with that ticket.
    answered resume(std::string_view ticket, const attributes& more = {});

    /// Sends it as it is.
    turn::client_effect send(std::span<const std::byte> message) const;
    turn::client_effect send_channel_data(std::uint16_t number, std::string_view payload);
    turn::client_effect send_indication(const attributes& with, method of = method::send);

    [[nodiscard]] bytes build(method of, const attributes& with, const deviation& but = {});
    /// What it signs its requests with.
    [[nodiscard]] bytes key() const;
    [[nodiscard]] stun::transaction_id next_id();

    turn::client_path path;
    turn::worker_number worker{0};  ///< where what it sends comes in
    credential::issued_credential credential;
    std::string nonce;
    /// What it chooses when it is offered a choice. None: it knows of no choice, and of no SHA-256.
    std::optional<stun::password_algorithm> algorithm{};

  private:
    [[nodiscard]] bytes key_of(const stun::long_term_credential& of) const;
    void sign(stun::message_writer& out, std::span<const std::byte> key) const;
    void learn_nonce();
    /// At once, or after the workers have talked to each other.
    answered answer_to(std::span<const std::byte> request);

    world& world_;
    std::uint32_t ids_{0};
};

}  // namespace turnix::turn_test
