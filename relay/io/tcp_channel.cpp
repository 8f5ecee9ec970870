#include "relay/io/byte_channel.hpp"

#include <cerrno>

#include <sys/socket.h>

namespace turnix::io {

namespace {

class tcp_channel final : public byte_channel {
  public:
    explicit tcp_channel(int socket) noexcept : socket_{socket} {}

    progress handshake() noexcept override { return progress::made; }

    transfer read(std::span<std::byte> into) noexcept override {
        return outcome_of(::recv(socket_, into.data(), into.size(), MSG_DONTWAIT), progress::wants_read);
    }

    bool has_records() const noexcept override { return false; }

    transfer write(std::span<const std::byte> from) noexcept override {
        return outcome_of(::send(socket_, from.data(), from.size(), MSG_DONTWAIT | MSG_NOSIGNAL),
                          progress::wants_write);
    }

    void end_writing() noexcept override { ::shutdown(socket_, SHUT_WR); }

  private:
    int socket_;
};

}  // namespace

transfer outcome_of(ssize_t bytes, progress when_not_ready) noexcept {
    if (bytes > 0) return {.bytes = static_cast<std::size_t>(bytes)};
    const bool not_ready = bytes < 0 && (errno == EAGAIN || errno == EINTR);
    return {.state = not_ready ? when_not_ready : progress::ended};
}

std::unique_ptr<byte_channel> make_tcp_channel(int socket) { return std::make_unique<tcp_channel>(socket); }

}  // namespace turnix::io
