// A TURN client on real sockets: over UDP, DTLS, TCP or TLS, on loopback. Waits for answers, two seconds
// each.
#pragma once

#include "common/credential/sealed_credential.hpp"
#include "common/net/endpoint.hpp"
#include "relay/stun/attributes.hpp"
#include "relay/stun/message_view.hpp"
#include "relay/stun/message_writer.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace turnix::test {

using bytes = std::vector<std::byte>;

/// Whole messages to and from the server.
class message_link {
  public:
    message_link() = default;
    message_link(const message_link&) = delete;
    message_link& operator=(const message_link&) = delete;
    virtual ~message_link() = default;
    virtual void send(std::span<const std::byte> message) = 0;
    /// Empty when none comes in time or the server has closed.
    virtual bytes receive(int timeout_ms) = 0;
    /// Of a stream: as it is, without a message's borders. Empty when nothing comes in time or it has ended.
    virtual void send_raw(std::span<const std::byte> some) { send(some); }
    virtual bytes receive_raw(int timeout_ms) { return receive(timeout_ms); }
};

std::unique_ptr<message_link> connect(net::transport transport, const net::endpoint& server);

class relay_client {
  public:
    relay_client(net::transport transport, const net::endpoint& server,
                 credential::issued_credential credential, std::string realm);

    /// The error code, 200 for success, or 0 when no answer came.
    int allocate(stun::transport_protocol protocol = stun::transport_protocol::udp);
    /// RFC 8016: an allocation that outlives this client's address, ...
    int allocate_mobile();
    /// ... another link to go on with, the former one, ...
    std::unique_ptr<message_link> move_to(net::transport transport, const net::endpoint& server);
    /// ... and a Refresh with the last ticket.
    int resume();
    int create_permission(const net::endpoint& peer);
    int bind_channel(std::uint16_t channel, const net::endpoint& peer);
    int refresh(std::chrono::seconds lifetime);
    /// RFC 6062: CONNECT, whose CONNECTION-ID is kept, and CONNECTION-BIND, after which the link is raw.
    int connect_to(const net::endpoint& peer);
    int connection_bind(stun::connection_id id);
    /// The CONNECTION-ID of the next ConnectionAttempt; nothing when none comes in time.
    std::optional<stun::connection_id> receive_attempt(int timeout_ms = 2'000);
    void send_channel_data(std::uint16_t channel, std::span<const std::byte> payload);
    /// The payload of the next channel data on that channel; nothing when none comes in time.
    std::optional<bytes> receive_channel_data(std::uint16_t channel, int timeout_ms = 2'000);

    [[nodiscard]] const net::endpoint& relayed() const noexcept { return relayed_; }
    [[nodiscard]] stun::connection_id connection() const noexcept { return connection_; }
    [[nodiscard]] message_link& link() noexcept { return *link_; }

  private:
    using writing = std::function<void(stun::message_writer&)>;
    int ask(stun::method method, const writing& attributes);
    bytes exchange(stun::method method, const writing& attributes);
    bytes receive_answer();

    std::unique_ptr<message_link> link_;
    credential::issued_credential credential_;
    std::string realm_;
    std::string nonce_;
    std::string ticket_;
    net::endpoint relayed_;
    stun::connection_id connection_;
    std::uint32_t transactions_{0};
    std::deque<bytes> data_;  ///< channel data that came while an answer was waited for
};

}  // namespace turnix::test
