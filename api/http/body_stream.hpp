// Where the body of an answer goes that has no end yet: piece by piece, until either side ends it.
//
// Thread of the server's io_context. What is not sent yet is bounded by server_limits.
#pragma once

#include <cstdint>
#include <string_view>

namespace turnix::http {

enum class stream_state : std::uint8_t {
    open,
    ended,     ///< by the client, by end(), or with the server
    too_slow,  ///< the client did not take what was sent: its connection was cut
};

class body_stream {
  public:
    body_stream() = default;
    body_stream(const body_stream&) = delete;
    body_stream& operator=(const body_stream&) = delete;
    virtual ~body_stream() = default;

    /// Queues the bytes. Nothing happens unless the state is open.
    virtual void send(std::string_view bytes) = 0;
    /// What is queued is sent still.
    virtual void end() = 0;
    [[nodiscard]] virtual stream_state state() const noexcept = 0;
};

}  // namespace turnix::http
