// OpenSSL's way to datagrams: a BIO of ours that reads one datagram a call and writes one a call, without a
// socket. (OpenSSL 3.0's memory BIO joins what is written.)
//
// A port and its BIO belong to one thread.
#pragma once

#include "relay/io/tls_context.hpp"

#include <openssl/types.h>

#include <cstddef>
#include <span>

namespace turnix::io {

/// Both directions of a BIO.
class datagram_port {
  public:
    datagram_port() = default;
    datagram_port(const datagram_port&) = delete;
    datagram_port& operator=(const datagram_port&) = delete;

    /// What the next read is given, whole or cut to its room; it holds until then.
    void take(std::span<const std::byte> datagram) noexcept { incoming_ = datagram; }
    [[nodiscard]] std::span<const std::byte> take_over() noexcept;

    /// What was written, to be sent as one datagram; it holds during the call.
    virtual void send(std::span<const std::byte> datagram) noexcept = 0;

  protected:
    ~datagram_port() = default;

  private:
    std::span<const std::byte> incoming_;
};

/// A DTLS session of that context, over the port, which outlives it. Handshake flights are cut to what passes
/// everywhere. Null when OpenSSL has no memory for it.
ssl_pointer make_dtls(SSL_CTX* context, datagram_port& port) noexcept;

}  // namespace turnix::io
