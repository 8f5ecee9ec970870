// The requests that bring one client to a relayed channel, one after the other, without a socket:
// Allocate, again with the credential when asked for it, ChannelBind, and at the end Refresh with zero.
#pragma once

#include "common/net/endpoint.hpp"
#include "relay/stun/attribute_type.hpp"
#include "relay/stun/channel_data.hpp"
#include "relay/stun/message_header.hpp"
#include "relay/stun/message_view.hpp"
#include "relay/stun/message_writer.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace turnix::bench {

struct login {
    std::string username;
    std::string password;
};

class turn_session {
  public:
    static constexpr stun::channel_number channel{0x4000};

    /// `credential` outlives it.
    turn_session(const login& credential, const net::endpoint& peer);

    [[nodiscard]] bool is_ready() const noexcept { return step_ == step::ready; }
    [[nodiscard]] bool is_released() const noexcept { return step_ == step::released; }
    [[nodiscard]] const net::endpoint& relayed() const noexcept { return relayed_; }

    /// What the server is asked at this step.
    [[nodiscard]] std::span<const std::byte> request() const noexcept { return request_; }
    /// True when it answered the request; throws std::runtime_error when it refuses.
    bool on_message(std::span<const std::byte> message);
    /// A ready session asks for its end.
    void release();

  private:
    enum class step : std::uint8_t { allocating, binding, ready, releasing, released };
    void write_request();
    void add_attributes(stun::message_writer& to) const;
    void on_error(std::span<const std::byte> error, const stun::message_view& message);

    const login& credential_;
    net::endpoint peer_;
    net::endpoint relayed_;
    std::string realm_;
    std::string nonce_;
    step step_{step::allocating};
    bool stale_answered_{false};
    stun::transaction_id transaction_{};
    std::vector<std::byte> request_;
};

}  // namespace turnix::bench
