// A TLS client for tests, on loopback. It never waits, so that a server on the same thread has its turn.
#pragma once

#include "tests/relay/io/tcp_client.hpp"

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include <fcntl.h>

namespace turnix::test {

class tls_client {
  public:
    /// `preface` goes ahead of the handshake, in the clear.
    explicit tls_client(const net::endpoint& to, std::span<const std::byte> preface = {})
        : socket_{to},
          context_{SSL_CTX_new(TLS_client_method()), &SSL_CTX_free},
          session_{SSL_new(context_.get()), &SSL_free} {
        socket_.send(preface);
        ::fcntl(socket_.native(), F_SETFL, O_NONBLOCK);
        SSL_set_fd(session_.get(), socket_.native());
    }

    /// True once the handshake is done.
    bool connects() { return SSL_connect(session_.get()) == 1; }

    void send(std::span<const std::byte> bytes) {
        SSL_write(session_.get(), bytes.data(), static_cast<int>(bytes.size()));
    }
    /// The next record's content; empty when none is there.
    std::vector<std::byte> receive() {
        std::vector<std::byte> record(16'384);
        const int count = SSL_read(session_.get(), record.data(), static_cast<int>(record.size()));
        record.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
        return record;
    }

  private:
    tcp_client socket_;
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
    std::unique_ptr<SSL, decltype(&SSL_free)> session_;
};

}  // namespace turnix::test
