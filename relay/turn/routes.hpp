// What the protocol core hands back: effects as values, in the order of how often they occur.
//
// Every span and pointer points into the datagram that was passed in or into the core's own scratch, and
// holds until the next call into the core; whoever carries it out copies or sends before that.
#pragma once

#include "common/net/endpoint.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <variant>

namespace turnix::turn {

struct waiting_connection;

/// The client's side of a conversation (RFC 8656 §3.2: 5-tuple) and the I/O layer's own handle for it: a
/// listener socket for datagrams, a connection for streams. The handle takes no part in comparisons.
struct client_path {
    /// A connection that is gone: nothing is sent to it.
    static constexpr std::uint32_t no_handle = UINT32_MAX;

    net::endpoint client;
    net::endpoint server;
    net::transport transport{net::transport::udp};
    std::uint32_t handle{0};

    friend bool operator==(const client_path& a, const client_path& b) noexcept {
        return a.client == b.client && a.server == b.server && a.transport == b.transport;
    }
};

struct client_path_hash {
    // The server's side of the 5-tuple is one of few: its address adds nothing to the hash.
    std::size_t operator()(const client_path& path) const noexcept {
        const auto listener = std::size_t{path.server.port} << 8U | static_cast<std::size_t>(path.transport);
        return std::hash<net::endpoint>{}(path.client) ^ listener;
    }
};

/// A relay port that the I/O layer has opened for an allocation; its own index, reused after close.
struct relay_handle {
    std::uint32_t index{0};
    friend bool operator==(const relay_handle&, const relay_handle&) = default;
};

/// Of how many datagrams at most what they need is fetched at once: all of it fits into the nearest cache.
inline constexpr std::size_t fetched_ahead_max = 16;

/// Nothing is to be done: the input was answered with silence.
struct silence {};

/// Client to peer: `payload` leaves from the relay port towards `peer`.
struct to_peer {
    relay_handle from;
    net::endpoint peer;
    std::span<const std::byte> payload;
    bool dont_fragment{false};
};

/// A STUN message for the client that sent the input.
struct reply {
    std::span<const std::byte> message;
    /// Which of the node's UDP listeners it leaves from (RFC 5780); none: from where the input came to.
    std::optional<net::endpoint> from{};
};

/// A STUN message for the client that sent the input, over a stream. With it the stream stops being TURN's:
/// from the next byte on its bytes go to and from a peer (RFC 6062 §5.4).
struct splice {
    std::span<const std::byte> message;
    waiting_connection* with;  ///< never null; the core's until it is moved from
};

using client_effect = std::variant<silence, to_peer, reply, splice>;

/// Peer to client: `header`, then the payload as it came, then `padding` zero bytes.
/// A channel data header has 4 bytes, a Data indication up to 48 before its payload.
struct to_client {
    static constexpr std::size_t header_bytes_max = 48;

    client_path path;
    std::array<std::byte, header_bytes_max> header_storage;
    std::uint8_t header_bytes{0};
    std::uint8_t padding{0};

    [[nodiscard]] std::span<const std::byte> header() const noexcept {
        return std::span{header_storage}.first(header_bytes);
    }
};

/// A whole message for a client that did not ask.
struct notice {
    client_path path;
    std::span<const std::byte> message;
};

}  // namespace turnix::turn
