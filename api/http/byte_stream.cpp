#include "api/http/byte_stream.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

namespace turnix::http {

namespace {

namespace asio = boost::asio;

class plain_stream final : public byte_stream {
  public:
    explicit plain_stream(stream_socket socket) noexcept : socket_{std::move(socket)} {}

    void async_handshake(completion done) override {
        asio::post(socket_.get_executor(), [done = std::move(done)] { done({}); });
    }
    void async_read_some(asio::mutable_buffer into, transfer_completion done) override {
        socket_.async_read_some(into, std::move(done));
    }
    void async_write(asio::const_buffer from, transfer_completion done) override {
        asio::async_write(socket_, from, std::move(done));
    }
    void async_shutdown(completion done) override {
        boost::system::error_code code;
        socket_.shutdown(stream_socket::shutdown_send, code);
        asio::post(socket_.get_executor(), [done = std::move(done), code] { done(code); });
    }
    void cancel() noexcept override {
        boost::system::error_code ignored;
        socket_.cancel(ignored);
    }
    void close() noexcept override {
        boost::system::error_code ignored;
        socket_.close(ignored);
    }

  private:
    stream_socket socket_;
};

class tls_stream final : public byte_stream {
  public:
    tls_stream(stream_socket socket, asio::ssl::context& context, tls_role role)
        : stream_{std::move(socket), context},
          begin_{role == tls_role::client ? asio::ssl::stream_base::client : asio::ssl::stream_base::server} {
    }

    void async_handshake(completion done) override { stream_.async_handshake(begin_, std::move(done)); }
    void async_read_some(asio::mutable_buffer into, transfer_completion done) override {
        stream_.async_read_some(into, std::move(done));
    }
    void async_write(asio::const_buffer from, transfer_completion done) override {
        asio::async_write(stream_, from, std::move(done));
    }
    void async_shutdown(completion done) override { stream_.async_shutdown(std::move(done)); }
    void cancel() noexcept override {
        boost::system::error_code ignored;
        stream_.lowest_layer().cancel(ignored);
    }
    void close() noexcept override {
        boost::system::error_code ignored;
        stream_.lowest_layer().close(ignored);
    }

  private:
    asio::ssl::stream<stream_socket> stream_;
    asio::ssl::stream_base::handshake_type begin_;
};

}  // namespace

std::unique_ptr<byte_stream> make_plain_stream(stream_socket socket) {
    return std::make_unique<plain_stream>(std::move(socket));
}

std::unique_ptr<byte_stream> make_tls_stream(stream_socket socket, asio::ssl::context& context,
                                             tls_role role) {
    return std::make_unique<tls_stream>(std::move(socket), context, role);
}

}  // namespace turnix::http
