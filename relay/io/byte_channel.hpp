// Bytes in and out of a connected non-blocking socket, as they are (TCP) or through TLS. Never waits: each
// call says what has to become ready before it makes sense again.
//
// Owned by a connection, used on its worker's thread, which must have SIGPIPE blocked or ignored: OpenSSL
// writes to sockets without MSG_NOSIGNAL.
#pragma once

#include "relay/io/tls_context.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include <sys/types.h>

namespace turnix::io {

enum class progress : std::uint8_t {
    made,
    wants_read,
    wants_write,
    ended,  ///< closed by the other side, or failed
};

struct transfer {
    progress state{progress::made};
    std::size_t bytes{0};  ///< moved, when progress was made
};

/// What recv or send on a non-blocking socket has come to; to be asked before errno changes.
[[nodiscard]] transfer outcome_of(ssize_t bytes, progress when_not_ready) noexcept;

class byte_channel {
  public:
    byte_channel() = default;
    byte_channel(const byte_channel&) = delete;
    byte_channel& operator=(const byte_channel&) = delete;
    virtual ~byte_channel() = default;

    /// Until it says `made`, nothing is read or written.
    [[nodiscard]] virtual progress handshake() noexcept = 0;
    [[nodiscard]] virtual transfer read(std::span<std::byte> into) noexcept = 0;
    /// Does what one call writes arrive in borders of its own?
    [[nodiscard]] virtual bool has_records() const noexcept = 0;
    /// What is not moved must stand at the front of what the next call is given.
    [[nodiscard]] virtual transfer write(std::span<const std::byte> from) noexcept = 0;
    /// The other side reads an end after what was written; nothing may be written any more.
    virtual void end_writing() noexcept = 0;
};

/// The socket stays the caller's and outlives the channel.
std::unique_ptr<byte_channel> make_tcp_channel(int socket);
/// Null when OpenSSL has no memory for it. The context outlives the channel.
std::unique_ptr<byte_channel> make_tls_channel(int socket, const tls_context& context);

}  // namespace turnix::io
