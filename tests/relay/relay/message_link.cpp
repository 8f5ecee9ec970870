#include "relay/io/file_descriptor.hpp"
#include "relay/stun/bytes.hpp"
#include "relay/stun/channel_data.hpp"
#include "relay/stun/stream_framer.hpp"
#include "tests/relay/io/dtls_client.hpp"
#include "tests/relay/io/tcp_client.hpp"
#include "tests/relay/io/udp_socket.hpp"
#include "tests/relay/relay/relay_client.hpp"

#include <openssl/ssl.h>

#include <stdexcept>
#include <utility>
#include <variant>

namespace turnix::test {

namespace {

class udp_link final : public message_link {
  public:
    explicit udp_link(const net::endpoint& server) : socket_{server.address}, server_{server} {}
    void send(std::span<const std::byte> message) override { socket_.send(server_, message); }
    bytes receive(int timeout_ms) override {
        auto datagram = socket_.receive(timeout_ms);
        return datagram ? std::move(datagram->payload) : bytes{};
    }

  private:
    udp_socket socket_;
    net::endpoint server_;
};

/// Frames what comes out of a byte stream.
class stream_link : public message_link {
  public:
    bytes receive(int timeout_ms) final {
        while (true) {
            const auto next = stun::next_message(received_);
            if (const auto* framed = std::get_if<stun::framed_message>(&next)) {
                bytes message{framed->message.begin(), framed->message.end()};
                received_.erase(received_.begin(),
                                received_.begin() + static_cast<std::ptrdiff_t>(framed->consumed));
                return message;
            }
            if (!std::holds_alternative<stun::need_more>(next)) throw std::runtime_error{"broken stream"};
            const auto more = read(timeout_ms);
            if (more.empty()) return {};
            received_.insert(received_.end(), more.begin(), more.end());
        }
    }
    void send(std::span<const std::byte> message) final {
        bytes padded{message.begin(), message.end()};
        padded.resize(padded.size() + stun::padding_after(padded.size()));
        write(padded);
    }
    void send_raw(std::span<const std::byte> some) final { write(some); }
    bytes receive_raw(int timeout_ms) final {
        return received_.empty() ? read(timeout_ms) : std::exchange(received_, {});
    }

  protected:
    virtual bytes read(int timeout_ms) = 0;
    virtual void write(std::span<const std::byte> stream) = 0;

  private:
    bytes received_;
};

class tcp_link final : public stream_link {
  public:
    explicit tcp_link(const net::endpoint& server) : socket_{server} {}

  private:
    bytes read(int timeout_ms) override { return socket_.receive(timeout_ms); }
    void write(std::span<const std::byte> stream) override { socket_.send(stream); }

    tcp_client socket_;
};

class tls_link final : public stream_link {
  public:
    explicit tls_link(const net::endpoint& server)
        : socket_{server},
          context_{SSL_CTX_new(TLS_client_method()), &SSL_CTX_free},
          session_{SSL_new(context_.get()), &SSL_free} {
        SSL_set_fd(session_.get(), socket_.native());
        if (SSL_connect(session_.get()) != 1) throw std::runtime_error{"no TLS handshake"};
    }

  private:
    bytes read(int timeout_ms) override {
        pollfd ready{.fd = socket_.native(), .events = POLLIN, .revents = 0};
        if (SSL_pending(session_.get()) == 0 && ::poll(&ready, 1, timeout_ms) != 1) return {};
        bytes some(16'384);
        const int count = SSL_read(session_.get(), some.data(), static_cast<int>(some.size()));
        some.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
        return some;
    }
    void write(std::span<const std::byte> stream) override {
        SSL_write(session_.get(), stream.data(), static_cast<int>(stream.size()));
    }

    tcp_client socket_;
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
    std::unique_ptr<SSL, decltype(&SSL_free)> session_;
};

class dtls_link final : public message_link {
  public:
    explicit dtls_link(const net::endpoint& server)
        : socket_{server.address},
          client_{[this, server](std::span<const std::byte> datagram) { socket_.send(server, datagram); }} {
        while (!client_.connects()) take_datagram(2'000);
    }
    void send(std::span<const std::byte> message) override { client_.send_message(message); }
    bytes receive(int timeout_ms) override {
        auto message = client_.receive();
        if (!message.empty() || !take_datagram(timeout_ms)) return message;
        return client_.receive();
    }

  private:
    bool take_datagram(int timeout_ms) {
        auto datagram = socket_.receive(timeout_ms);
        if (!datagram && !client_.connects()) throw std::runtime_error{"no DTLS handshake"};
        if (!datagram) return false;
        client_.take(std::move(datagram->payload));
        return true;
    }

    udp_socket socket_;
    dtls_client client_;
};

}  // namespace

std::unique_ptr<message_link> connect(net::transport transport, const net::endpoint& server) {
    switch (transport) {
        case net::transport::tcp:
            return std::make_unique<tcp_link>(server);
        case net::transport::tls:
            return std::make_unique<tls_link>(server);
        case net::transport::dtls:
            return std::make_unique<dtls_link>(server);
        default:
            return std::make_unique<udp_link>(server);
    }
}

}  // namespace turnix::test
