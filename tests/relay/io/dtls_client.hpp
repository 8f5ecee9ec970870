// A DTLS 1.2 client for tests, without a socket: datagrams are handed in and out.
#pragma once

#include "relay/io/datagram_bio.hpp"

#include <openssl/ssl.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace turnix::test {

class dtls_client final : io::datagram_port {
  public:
    using sender = std::function<void(std::span<const std::byte>)>;

    explicit dtls_client(sender out)
        : out_{std::move(out)},
          context_{SSL_CTX_new(DTLS_client_method()), &SSL_CTX_free},
          session_{io::make_dtls(context_.get(), *this)} {
        SSL_set_connect_state(session_.get());
    }

    [[nodiscard]] SSL* native() const noexcept { return session_.get(); }

    /// Goes on with the handshake; true once it is done.
    bool connects() { return SSL_do_handshake(session_.get()) == 1; }
    /// A datagram for the next call.
    void take(std::vector<std::byte> datagram) {
        taken_ = std::move(datagram);
        datagram_port::take(taken_);
    }
    void send_message(std::span<const std::byte> message) {
        SSL_write(session_.get(), message.data(), static_cast<int>(message.size()));
    }
    /// The next record's content; empty when none is there.
    std::vector<std::byte> receive() {
        std::vector<std::byte> record(16'384);
        const int count = SSL_read(session_.get(), record.data(), static_cast<int>(record.size()));
        record.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
        return record;
    }
    /// Sends close_notify.
    void close() { SSL_shutdown(session_.get()); }
    [[nodiscard]] bool was_told_of_the_end() const {
        return (SSL_get_shutdown(session_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
    }

  private:
    void send(std::span<const std::byte> datagram) noexcept override { out_(datagram); }

    sender out_;
    std::vector<std::byte> taken_;
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
    io::ssl_pointer session_;
};

}  // namespace turnix::test
