// A connected byte stream, plain or TLS, behind one type: what is compiled for a connection is compiled once.
//
// Not thread-safe; completions come on the io_context's thread and never from inside the call.
#pragma once

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace boost::asio::ssl {
class context;
}

namespace turnix::http {

/// TCP or Unix-domain.
using stream_socket = boost::asio::generic::stream_protocol::socket;

class byte_stream {
  public:
    using completion = std::function<void(boost::system::error_code)>;
    using transfer_completion = std::function<void(boost::system::error_code, std::size_t)>;

    byte_stream() = default;
    byte_stream(const byte_stream&) = delete;
    byte_stream& operator=(const byte_stream&) = delete;
    virtual ~byte_stream() = default;

    virtual void async_handshake(completion done) = 0;
    virtual void async_read_some(boost::asio::mutable_buffer into, transfer_completion done) = 0;
    /// Writes all of it; the bytes must outlive the operation.
    virtual void async_write(boost::asio::const_buffer from, transfer_completion done) = 0;
    /// Says that no more bytes follow.
    virtual void async_shutdown(completion done) = 0;
    /// Ends operations under way with operation_aborted.
    virtual void cancel() noexcept = 0;
    virtual void close() noexcept = 0;
};

std::unique_ptr<byte_stream> make_plain_stream(stream_socket socket);
/// Who begins the handshake.
enum class tls_role : std::uint8_t { client, server };
std::unique_ptr<byte_stream> make_tls_stream(stream_socket socket, boost::asio::ssl::context& context,
                                             tls_role role = tls_role::server);

}  // namespace turnix::http
