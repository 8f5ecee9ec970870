// From bytes to answers (RFC 9112), without sockets: Beast's parser behind a buffer of bounded size.
//
// For connections on which one request is asked after another: nothing may come before the next one is.
#pragma once

#include "api/http/message.hpp"
#include "api/http/message_reader.hpp"

#include <boost/asio/buffer.hpp>

#include <memory>

namespace turnix::http {

class response_reader {
  public:
    enum class progress : std::uint8_t {
        more,      ///< needs more bytes
        complete,  ///< take() gives the answer
        failed,    ///< this is no answer, or a larger one than the limits allow; nothing more can be read
    };

    explicit response_reader(const message_limits& limits);
    ~response_reader();
    response_reader(const response_reader&) = delete;
    response_reader& operator=(const response_reader&) = delete;

    /// Where the next bytes go; commit() says how many came.
    [[nodiscard]] boost::asio::mutable_buffer prepare();
    void commit(std::size_t bytes);

    /// Parses what is there. Interim answers (1xx) and answers without a length are refused: nobody here
    /// makes any.
    progress advance();

    /// After progress::complete; the reader is ready for the next one.
    [[nodiscard]] response take();
    /// Of the answer taken last: may another request follow on this connection?
    [[nodiscard]] bool keeps_alive() const noexcept;
    /// Is anything here that belongs to no answer taken?
    [[nodiscard]] bool has_rest() const noexcept;

  private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace turnix::http
