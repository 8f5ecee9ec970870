// From bytes to requests (RFC 9112), without sockets: Beast's parser behind a buffer of bounded size.
//
// Bytes beyond one request stay for the next, so that pipelined requests are answered one after another.
#pragma once

#include "api/http/error.hpp"
#include "api/http/message.hpp"

#include <boost/asio/buffer.hpp>

#include <cstdint>
#include <memory>

namespace turnix::http {

struct message_limits {
    std::uint32_t header_bytes_max{8 * 1024};
    std::uint32_t body_bytes_max{16 * 1024};
};

class message_reader {
  public:
    enum class progress : std::uint8_t {
        idle,      ///< nothing of a request is here
        header,    ///< more of the header is needed
        body,      ///< more of the body is needed
        complete,  ///< take() gives the request
        failed,    ///< fault() says why; nothing more can be read
    };

    explicit message_reader(const message_limits& limits);
    ~message_reader();
    message_reader(message_reader&&) noexcept;
    message_reader& operator=(message_reader&&) noexcept;

    /// Where the next bytes go; commit() says how many came.
    [[nodiscard]] boost::asio::mutable_buffer prepare();
    void commit(std::size_t bytes);

    /// Parses what is there.
    progress advance();
    /// The header asked for "100 Continue" before it sends the body, and has not been told so yet.
    [[nodiscard]] bool wants_continue();

    /// After progress::complete. Of the request, `remote`, `client`, `origin` and `request_id` are not
    /// filled.
    [[nodiscard]] request take();
    /// Of the request taken last: may another follow on this connection?
    [[nodiscard]] bool keeps_alive() const noexcept;
    /// After progress::failed.
    [[nodiscard]] const error& fault() const noexcept;

  private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace turnix::http
