// The certificate and the rules under which clients are served over TLS (1.2 and 1.3) or DTLS (1.2): no
// renegotiation, no compression, ECDSA and forward secrecy first, the server's order. ALPN (RFC 7443): a
// client that names protocols is served when one of them is stun.turn or stun.nat-discovery, and otherwise
// gets the alert no_application_protocol (RFC 7301 §3.2); who names none is served.
//
// Immutable after it is made, shared by all workers.
#pragma once

#include "common/contract/relay_settings.hpp"

#include <openssl/types.h>

#include <cstdint>
#include <memory>

namespace turnix::io {

/// TLS over streams, or DTLS over datagrams.
enum class tls_kind : std::uint8_t { stream, datagram };

class tls_context {
  public:
    /// Throws std::runtime_error that names the file, the fault and the remedy.
    explicit tls_context(const contract::tls_settings& settings, tls_kind kind = tls_kind::stream);

    [[nodiscard]] SSL_CTX* native() const noexcept { return context_.get(); }

  private:
    struct deleter {
        void operator()(SSL_CTX* context) const noexcept;
    };
    std::unique_ptr<SSL_CTX, deleter> context_;
};

}  // namespace turnix::io
