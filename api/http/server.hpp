// The HTTP/1.1 server: listeners over TCP, TLS and a Unix-domain socket, and their connections.
//
// Everything runs on the one thread that runs the io_context, the handlers included. Limits: security.md
// "API", as the defaults of server_limits. HTTP: RFC 9110 and 9112.
#pragma once

#include "api/http/message.hpp"
#include "common/net/cidr.hpp"
#include "common/net/endpoint.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace boost::asio::ssl {
class context;
}

namespace turnix::http {

struct server_limits {
    std::uint32_t header_bytes_max{8 * 1024};
    std::uint32_t body_bytes_max{16 * 1024};
    std::chrono::milliseconds header_time{5'000};  ///< TLS handshake and header, each
    std::chrono::milliseconds body_time{10'000};
    std::chrono::milliseconds idle_time{30'000};    ///< between requests
    std::chrono::milliseconds answer_time{20'000};  ///< for an answer that comes later
    std::chrono::milliseconds write_time{10'000};   ///< for one answer, or for what a stream has queued
    std::uint32_t stream_queue_bytes_max{256 * 1024};
    /// Without those of the control socket; beyond, a newcomer takes the place of one that is waited for.
    std::uint32_t connections_max{1'024};
    std::uint32_t strangers_max{64};  ///< of them, from addresses that are not expected
};

struct server_settings {
    server_limits limits{};
    std::vector<net::cidr> trusted_proxies{};  ///< whose X-Forwarded-For is believed
    std::vector<std::string> cors_origins{};   ///< empty: no cross-origin use
    /// From where clients are expected; all others together have strangers_max connections then, and the next
    /// is closed as it comes. Empty: nobody is a stranger.
    std::vector<net::address> expected{};
};

/// PEM files; the certificate's leaf comes first.
struct server_certificate {
    std::filesystem::path certificate;
    std::filesystem::path private_key;
};

class server {
  public:
    /// Answers one request; must not throw (router::answer does not).
    using answerer = std::function<response(const request&)>;

    /// The io_context must outlive the server and be run by one thread.
    server(boost::asio::io_context& io, server_settings settings, answerer answer);
    /// Ends listeners and connections as stop() does.
    ~server();
    server(const server&) = delete;
    server& operator=(const server&) = delete;

    /// Binds and listens; with a certificate, TLS 1.2 or 1.3. Port 0 takes a free one; returns the real
    /// endpoint. Throws std::runtime_error with address, reason and remedy, or with the file at fault.
    net::endpoint listen(const net::endpoint& address,
                         const std::optional<server_certificate>& certificate = std::nullopt);
    /// The same with TLS as `tls` has it.
    net::endpoint listen(const net::endpoint& address, std::shared_ptr<boost::asio::ssl::context> tls);

    /// Listens on a Unix-domain socket of mode 0600, in place of a stale one; it is unlinked at the end.
    /// Throws std::runtime_error with path, reason and remedy.
    void listen_control(const std::filesystem::path& socket_path);

    /// Reads another certificate for the listeners that speak TLS; connections that come after the returned
    /// function is called see it. Throws std::runtime_error with the file at fault. As stop().
    [[nodiscard]] std::function<void()> prepare_certificate(const server_certificate& certificate);

    /// What comes later goes by these proxies and origins and by who is expected; the limits stay. As stop().
    void change(server_settings settings);
    /// So many connections there may be from here on, in the place of settings.limits.connections_max: what
    /// is beyond gives way as newcomers come. As stop().
    void limit_connections(std::uint32_t connections_max);
    /// Closes every connection but those of the control socket; who is still welcome comes again. As stop().
    void end_connections();

    /// Begins to accept on every listener.
    void start();
    /// Closes the listeners and every connection; answers under way are cut off. On the io_context's thread,
    /// or when it does not run.
    void stop();

    /// Connections that are open now, those of the control socket included.
    [[nodiscard]] std::size_t connections() const noexcept;

  private:
    class state;
    std::shared_ptr<state> state_;
};

}  // namespace turnix::http
