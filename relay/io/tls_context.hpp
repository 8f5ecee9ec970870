// The certificate and the rules under which clients are served over TLS (1.2 and 1.3) or DTLS (1.2): no
// renegotiation, no compression, ECDSA and forward secrecy first, the server's order. ALPN (RFC 7443): a
// client that names protocols is served when one of them is stun.turn or stun.nat-discovery, and otherwise
// gets the alert no_application_protocol (RFC 7301 §3.2); who names none is served.
//
// Shared by all workers. A renewed certificate takes the place of the one before for clients that come later;
// an OpenSSL context itself is never changed, and lives as long as a client has it.
#pragma once

#include "common/contract/relay_settings.hpp"

#include <openssl/types.h>

#include <cstdint>
#include <memory>
#include <mutex>

namespace turnix::io {

/// TLS over streams, or DTLS over datagrams.
enum class tls_kind : std::uint8_t { stream, datagram };

using shared_ssl_context = std::shared_ptr<SSL_CTX>;

/// One client's session of a context.
struct ssl_deleter {
    void operator()(SSL* session) const noexcept;
};
using ssl_pointer = std::unique_ptr<SSL, ssl_deleter>;

/// Throws std::runtime_error that names the file, the fault and the remedy.
shared_ssl_context make_ssl_context(const contract::tls_settings& settings, tls_kind kind);

class tls_context {
  public:
    /// Throws as make_ssl_context.
    explicit tls_context(const contract::tls_settings& settings, tls_kind kind = tls_kind::stream)
        : kind_{kind}, context_{make_ssl_context(settings, kind)} {}

    [[nodiscard]] tls_kind kind() const noexcept { return kind_; }
    /// For one client. Any thread; takes a lock, which a handshake can afford.
    [[nodiscard]] shared_ssl_context native() const;
    /// Clients that come later get this one. Any thread.
    void renew(shared_ssl_context with);

  private:
    tls_kind kind_;
    mutable std::mutex mutex_;
    shared_ssl_context context_;
};

}  // namespace turnix::io
