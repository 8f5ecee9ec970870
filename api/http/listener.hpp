// A place where the server accepts connections: a TCP address, with or without TLS, or a Unix-domain socket.
//
// On the io_context's thread, or before it runs.
#pragma once

#include "api/http/byte_stream.hpp"
#include "api/http/server.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <utility>

namespace turnix::http {

class listener {
  public:
    /// These throw what server::listen and server::listen_control promise. `tls` is null for a plain one.
    static std::unique_ptr<listener> on_network(boost::asio::io_context& io, const net::endpoint& address,
                                                std::shared_ptr<boost::asio::ssl::context> tls);
    static std::unique_ptr<listener> on_control_socket(boost::asio::io_context& io,
                                                       const std::filesystem::path& path);
    ~listener();
    listener(const listener&) = delete;
    listener& operator=(const listener&) = delete;

    /// Somebody who waits to be accepted; would_block when there is none.
    [[nodiscard]] boost::system::error_code accept(stream_socket& into) {
        boost::system::error_code code;
        acceptor_.accept(into, code);
        return code;
    }
    /// Until somebody wants to be accepted.
    template <class Completion>
    void async_wait(Completion done) {
        acceptor_.async_wait(boost::asio::socket_base::wait_read, std::move(done));
    }
    template <class Completion>
    void async_pause(std::chrono::milliseconds time, Completion done) {
        pause_.expires_after(time);
        pause_.async_wait(std::move(done));
    }
    std::unique_ptr<byte_stream> make_stream(stream_socket accepted);
    /// Later connections get this certificate, if they get one at all.
    void renew(std::shared_ptr<boost::asio::ssl::context> certificate) noexcept {
        if (tls_) tls_ = std::move(certificate);
    }
    void close() noexcept;

    [[nodiscard]] bool is_open() const noexcept { return acceptor_.is_open(); }
    [[nodiscard]] bool is_control() const noexcept { return !control_path_.empty(); }
    /// Network listeners: the real address and port; the control socket has none (0.0.0.0:0).
    [[nodiscard]] net::endpoint local() const;

    bool is_full{false};  ///< waits for a connection to end before it accepts the next

  private:
    explicit listener(boost::asio::io_context& io) : acceptor_{io}, pause_{io} {}

    boost::asio::basic_socket_acceptor<boost::asio::generic::stream_protocol> acceptor_;
    boost::asio::steady_timer pause_;
    std::shared_ptr<boost::asio::ssl::context> tls_;  ///< null: plain
    std::filesystem::path control_path_;
};

/// The other end of a network connection, IPv4 as IPv4; nothing when it has gone.
std::optional<net::endpoint> remote_of(const stream_socket& socket);

}  // namespace turnix::http
