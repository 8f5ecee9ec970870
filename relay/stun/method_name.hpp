// What metrics and logs call a method.
#pragma once

#include "relay/stun/message_header.hpp"

#include <string_view>

namespace turnix::stun {

constexpr std::string_view to_string(method value) noexcept {
    switch (value) {
        case method::binding:
            return "binding";
        case method::allocate:
            return "allocate";
        case method::refresh:
            return "refresh";
        case method::send:
            return "send";
        case method::data:
            return "data";
        case method::create_permission:
            return "create_permission";
        case method::channel_bind:
            return "channel_bind";
        case method::connect:
            return "connect";
        case method::connection_bind:
            return "connection_bind";
        case method::connection_attempt:
            return "connection_attempt";
    }
    return "unknown";
}

}  // namespace turnix::stun
