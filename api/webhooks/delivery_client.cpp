#include "api/webhooks/delivery_client.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>
#include <openssl/ssl.h>

#include <charconv>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace turnix::webhooks {

namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::seconds time_max{10};
constexpr std::size_t status_line_bytes_max = 4'096;
constexpr std::string_view status_line_start = "HTTP/1.";
constexpr std::size_t status_at = 9;  // "HTTP/1.1 200 OK"
constexpr std::size_t status_digits = 3;

std::optional<std::int64_t> status_from(std::string_view line) noexcept {
    if (!line.starts_with(status_line_start) || line.size() < status_at + status_digits) return std::nullopt;
    std::int64_t status{0};
    const auto* const start = line.data() + status_at;
    const auto [rest, failure] = std::from_chars(start, start + status_digits, status);
    const bool is_whole = failure == std::errc{} && rest == start + status_digits;
    return is_whole ? std::optional{status} : std::nullopt;
}

net::address address_of(const tcp::endpoint& endpoint) {
    return endpoint.address().is_v4() ? net::address{endpoint.address().to_v4().to_bytes()}
                                      : net::address{endpoint.address().to_v6().to_bytes()};
}

std::string request_text(const target& to, const outgoing& what) {
    return fmt::format(
        "POST {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: turnixd\r\nContent-Type: application/json\r\n"
        "Content-Length: {}\r\nConnection: close\r\n{}\r\n{}",
        to.path, to.authority(), what.body.size(), what.fields, what.body);
}

/// One delivery on its way; it keeps itself alive.
class attempt : public std::enable_shared_from_this<attempt> {
  public:
    attempt(const asio::any_io_executor& executor, target to, std::string text,
            delivery_client::completion done)
        : to_{std::move(to)},
          text_{std::move(text)},
          done_{std::move(done)},
          resolver_{executor},
          socket_{executor},
          timer_{executor} {}

    void start(const target_policy& policy, asio::ssl::context& tls) {
        if (to_.tls) secure_ = std::make_unique<asio::ssl::stream<tcp::socket&>>(socket_, tls);
        timer_.expires_after(time_max);
        timer_.async_wait([self = shared_from_this()](error_code cancelled) {
            if (!cancelled) self->finish({.status = {}, .fault = "there was no answer in time"});
        });
        resolver_.async_resolve(
            to_.host, std::to_string(to_.port), tcp::resolver::numeric_service,
            [self = shared_from_this(), &policy](error_code code, const tcp::resolver::results_type& found) {
                if (code) return self->fail("its host is not found", code);
                self->connect(policy, found);
            });
    }

  private:
    /// What was checked is what is connected to: no second look-up in between.
    void connect(const target_policy& policy, const tcp::resolver::results_type& found) {
        for (const auto& each : found) {
            if (policy.allows(address_of(each.endpoint()))) endpoints_.push_back(each.endpoint());
        }
        if (endpoints_.empty()) return finish({.status = {}, .fault = "its addresses are private"});
        asio::async_connect(socket_, endpoints_,
                            [self = shared_from_this()](error_code code, const tcp::endpoint& /*to*/) {
                                if (code) return self->fail("it cannot be connected to", code);
                                self->secure_ ? self->handshake() : self->exchange(self->socket_);
                            });
    }

    void handshake() {
        // RFC 6066 §3: the name is sent, an address is not.
        if (!net::address::parse(to_.host)) {
            SSL_ctrl(secure_->native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                     to_.host.data());
        }
        secure_->set_verify_callback(asio::ssl::host_name_verification{to_.host});
        secure_->async_handshake(asio::ssl::stream_base::client,
                                 [self = shared_from_this()](error_code code) {
                                     if (code) return self->fail("TLS fails", code);
                                     self->exchange(*self->secure_);
                                 });
    }

    template <class Stream>
    void exchange(Stream& over) {
        asio::async_write(over, asio::buffer(text_),
                          [self = shared_from_this(), &over](error_code code, std::size_t /*bytes*/) {
                              if (code) return self->fail("it cannot be sent", code);
                              self->read_status(over);
                          });
    }

    template <class Stream>
    void read_status(Stream& over) {
        asio::async_read_until(over, asio::dynamic_buffer(answer_, status_line_bytes_max), "\r\n",
                               [self = shared_from_this()](error_code code, std::size_t /*bytes*/) {
                                   if (code) return self->fail("there was no answer", code);
                                   const auto status = status_from(self->answer_);
                                   self->finish({.status = status, .fault = "the answer is not HTTP"});
                               });
    }

    void fail(std::string_view what, const error_code& code) {
        finish({.status = {}, .fault = fmt::format("{}: {}", what, code.message())});
    }

    void finish(delivery_outcome outcome) {
        if (!done_) return;
        timer_.cancel();
        resolver_.cancel();
        error_code ignored;
        socket_.close(ignored);
        std::exchange(done_, nullptr)(std::move(outcome));
    }

    target to_;
    std::string text_;
    std::string answer_;
    delivery_client::completion done_;
    tcp::resolver resolver_;
    tcp::socket socket_;
    std::unique_ptr<asio::ssl::stream<tcp::socket&>> secure_;  ///< null for plain http
    std::vector<tcp::endpoint> endpoints_;
    asio::steady_timer timer_;
};

}  // namespace

delivery_client::delivery_client(asio::any_io_executor executor, target_policy policy)
    : executor_{std::move(executor)}, policy_{std::move(policy)}, tls_{asio::ssl::context::tls_client} {
    using context = asio::ssl::context;
    tls_.set_options(context::default_workarounds | context::no_tlsv1 | context::no_tlsv1_1);
    tls_.set_default_verify_paths();
    tls_.set_verify_mode(asio::ssl::verify_peer);
}

void delivery_client::send(const outgoing& what, completion done) {
    auto to = policy_.read(what.url);
    if (!to) {
        asio::post(executor_,
                   [done = std::move(done)] { done({.status = {}, .fault = "its URL is not allowed"}); });
        return;
    }
    auto text = request_text(*to, what);
    std::make_shared<attempt>(executor_, std::move(*to), std::move(text), std::move(done))
        ->start(policy_, tls_);
}

}  // namespace turnix::webhooks
