#include "relay/io/byte_channel.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <climits>

#include <sys/socket.h>

namespace turnix::io {

namespace {

class tls_channel final : public byte_channel {
  public:
    explicit tls_channel(ssl_pointer session) noexcept : session_{std::move(session)} {}
    ~tls_channel() override { say_goodbye(); }

    progress handshake() noexcept override {
        ERR_clear_error();
        const auto state = state_after(SSL_accept(session_.get()));
        established_ = state == progress::made;
        return state;
    }

    transfer read(std::span<std::byte> into) noexcept override {
        ERR_clear_error();
        return outcome(SSL_read(session_.get(), into.data(), int_size(into.size())));
    }

    bool has_records() const noexcept override { return true; }

    transfer write(std::span<const std::byte> from) noexcept override {
        ERR_clear_error();
        return outcome(SSL_write(session_.get(), from.data(), int_size(from.size())));
    }

    void end_writing() noexcept override {
        say_goodbye();
        ::shutdown(SSL_get_fd(session_.get()), SHUT_WR);
    }

  private:
    // One close_notify, if there is room for it; nobody waits for the answer.
    void say_goodbye() noexcept {
        if (established_ && !ended_ && !said_goodbye_) SSL_shutdown(session_.get());
        said_goodbye_ = true;
        ERR_clear_error();
    }

    static int int_size(std::size_t bytes) noexcept {
        return static_cast<int>(std::min<std::size_t>(bytes, INT_MAX));
    }

    transfer outcome(int returned) noexcept {
        if (returned > 0) return {.bytes = static_cast<std::size_t>(returned)};
        return {.state = state_after(returned)};
    }

    progress state_after(int returned) noexcept {
        if (returned > 0) return progress::made;
        switch (SSL_get_error(session_.get(), returned)) {
            case SSL_ERROR_WANT_READ:
                return progress::wants_read;
            case SSL_ERROR_WANT_WRITE:
                return progress::wants_write;
            default:
                ended_ = true;
                return progress::ended;
        }
    }

    ssl_pointer session_;
    bool established_{false};
    bool ended_{false};
    bool said_goodbye_{false};
};

}  // namespace

std::unique_ptr<byte_channel> make_tls_channel(int socket, const tls_context& context) {
    ssl_pointer session{SSL_new(context.native().get())};
    if (!session || SSL_set_fd(session.get(), socket) != 1) return nullptr;
    SSL_set_accept_state(session.get());
    return std::make_unique<tls_channel>(std::move(session));
}

}  // namespace turnix::io
