// One handler for each method that a client may call. Each reads like its section of RFC 8656: the checks in
// their order, the error code beside each; `asked` is authentic, and carries no attribute that is not served.
//
// Used on the worker's thread; what they return holds until the next call.
#pragma once

#include "relay/stun/attributes.hpp"
#include "relay/turn/request.hpp"
#include "relay/turn/routes.hpp"
#include "relay/turn/server_state.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>

namespace turnix::turn {

/// RFC 8489 §12, without authentication: the one request that strangers get a success for.
[[nodiscard]] client_effect handle_binding(server_state& server, request& asked);
/// RFC 8656 §7.2.
[[nodiscard]] client_effect handle_allocate(server_state& server, request& asked);
/// RFC 8656 §8.2.
[[nodiscard]] client_effect handle_refresh(server_state& server, request& asked);
/// RFC 8656 §10.2.
[[nodiscard]] client_effect handle_create_permission(server_state& server, request& asked);
/// RFC 8656 §12.2.
[[nodiscard]] client_effect handle_channel_bind(server_state& server, request& asked);
/// RFC 6062 §5.2; silence while the connection is being made.
[[nodiscard]] client_effect handle_connect(server_state& server, request& asked);
/// RFC 6062 §5.4.
[[nodiscard]] client_effect handle_connection_bind(server_state& server, request& asked);

/// RFC 8656 §11.2: a Send indication, sound but not yet checked for what it carries.
[[nodiscard]] client_effect relay_send(server_state& server, const instant& now, const client_path& path,
                                       const stun::message_view& indication);
/// RFC 8656 §12.6. The hot path from the client.
[[nodiscard]] client_effect relay_channel_data(server_state& server, const instant& now,
                                               const client_path& path, std::span<const std::byte> datagram);
/// RFC 8656 §11.3, §12.7. The hot path to the client.
[[nodiscard]] std::optional<to_client> relay_from_peer(server_state& server, const instant& now,
                                                       relay_handle at, const net::endpoint& source,
                                                       std::span<const std::byte> payload) noexcept;

/// What ICMP reported on a datagram from a relay port to a peer, whose address is as the kernel shows it.
struct peer_error {
    relay_handle at;
    const net::endpoint& peer;
    const stun::icmp_error& error;
};
/// RFC 8656 §11.5.
[[nodiscard]] std::optional<notice> relay_icmp(server_state& server, const instant& now,
                                               const peer_error& reported) noexcept;

/// A peer's connection with a relay port, or the outcome of a CONNECT.
struct peer_arrival {
    const instant& now;
    relay_handle at;
    const net::endpoint& peer;            ///< as the kernel shows it
    std::unique_ptr<peer_stream> stream;  ///< null when a CONNECT failed
};
/// RFC 6062 §5.2: the answer to the CONNECT that began it.
[[nodiscard]] std::optional<notice> on_connected(server_state& server, peer_arrival arrival) noexcept;
/// RFC 6062 §5.3: ConnectionAttempt; nothing when the connection is refused, and closed.
[[nodiscard]] std::optional<notice> on_accepted(server_state& server, peer_arrival arrival) noexcept;

/// Where something for this peer goes at this moment: another client of this node is reached inside it, at
/// the relay port's local address; nothing else on the node's own addresses is. Nothing when it is denied.
[[nodiscard]] std::optional<net::endpoint> destination_of(const server_state& server,
                                                          const net::endpoint& peer) noexcept;
/// The same for where something comes from: another client of this node is known by its advertised address.
[[nodiscard]] std::optional<net::endpoint> origin_of(const server_state& server,
                                                     const net::endpoint& source) noexcept;

/// May this credential be used from this client over this transport (403 otherwise)?
[[nodiscard]] bool is_permitted(const credential::claims& claims, const client_path& path) noexcept;

/// RFC 8656 §7.2, §8.2: the default or what was asked for, whichever is longer, up to the maximum.
[[nodiscard]] std::chrono::seconds desired_lifetime(const contract::relay_settings& settings,
                                                    std::optional<std::chrono::seconds> requested) noexcept;

/// Is there room for that many permissions more, and may the client add peers at this rate? Takes them from
/// the rate when both hold (508 otherwise).
[[nodiscard]] bool take_new_peers(const server_state& server, allocation& session, std::size_t count,
                                  const instant& now) noexcept;

}  // namespace turnix::turn
