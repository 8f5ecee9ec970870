// What a connection shows before TURN or TLS begins on it: the PROXY header when it comes from a trusted
// proxy, then, on a port that serves TCP and TLS, by its first byte which of the two it is (RFC 7983 §7).
// Takes no byte off the socket that belongs to what follows.
//
// Owned by a connection, used on its worker's thread.
#pragma once

#include "common/net/endpoint.hpp"
#include "relay/io/byte_channel.hpp"
#include "relay/io/proxy_header.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace turnix::io {

/// What clients of a stream listener may speak; at least one.
struct stream_protocols {
    bool tcp{false};
    bool tls{false};

    void add(net::transport transport) noexcept { (transport == net::transport::tls ? tls : tcp) = true; }
};

class stream_opening {
  public:
    stream_opening(stream_protocols served, bool behind_proxy) noexcept
        : served_{served}, awaits_header_{behind_proxy} {}

    /// Looks at what the socket has. Once `made`, the answers below stand; `ended`: closed, or `fault`.
    [[nodiscard]] progress advance(int socket);

    /// TCP or TLS.
    [[nodiscard]] net::transport transport() const noexcept { return transport_; }
    /// As the proxy says; nothing: the connection's own.
    [[nodiscard]] const std::optional<proxied_endpoints>& endpoints() const noexcept { return endpoints_; }
    [[nodiscard]] std::optional<proxy_error> fault() const noexcept { return fault_; }

  private:
    progress read_header(int socket);
    progress look_at_first_byte(int socket) noexcept;

    stream_protocols served_;
    bool awaits_header_;
    std::vector<std::byte> header_;
    net::transport transport_{net::transport::tcp};
    std::optional<proxied_endpoints> endpoints_;
    std::optional<proxy_error> fault_;
};

}  // namespace turnix::io
