#include "relay/io/dtls_session.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <climits>
#include <memory>

namespace turnix::io {

namespace {

struct bio_address_deleter {
    void operator()(BIO_ADDR* address) const noexcept { BIO_ADDR_free(address); }
};

std::span<std::byte> as_bytes(unsigned char* bytes, std::size_t count) noexcept {
    return std::as_writable_bytes(std::span{bytes, count});
}

}  // namespace

/// OpenSSL's questions about a cookie, answered for the session that asks.
struct cookie_callbacks {
    static const dtls_session& session_of(SSL* ssl) noexcept {
        return *static_cast<const dtls_session*>(SSL_get_ex_data(ssl, 0));
    }
    static int generate(SSL* ssl, unsigned char* into, unsigned int* bytes) noexcept {
        const auto& session = session_of(ssl);
        const auto cookie = session.cookies_.issue(session.path_, session.heard_at_);
        std::ranges::copy(cookie, as_bytes(into, cookie.size()).begin());
        *bytes = static_cast<unsigned int>(cookie.size());
        return 1;
    }
    static int verify(SSL* ssl, const unsigned char* cookie, unsigned int bytes) noexcept {
        const auto& session = session_of(ssl);
        const auto received = std::as_bytes(std::span{cookie, bytes});
        return session.cookies_.verify(received, session.path_, session.heard_at_) ? 1 : 0;
    }
};

void ask_for_cookies(SSL_CTX* context) noexcept {
    SSL_CTX_set_cookie_generate_cb(context, cookie_callbacks::generate);
    SSL_CTX_set_cookie_verify_cb(context, cookie_callbacks::verify);
}

dtls_session::dtls_session(const tls_context& context, const cookie_authority& cookies,
                           dtls_output& answers) noexcept
    : cookies_{cookies}, output_{&answers}, ssl_{make_dtls(context.native().get(), *this)} {
    // Without memory for the latter the callbacks would not find the session.
    if (!ssl_ || SSL_set_ex_data(ssl_.get(), 0, this) != 1) {
        state_ = dtls_state::failed;
        return;
    }
    SSL_set_accept_state(ssl_.get());
}

void dtls_session::send(std::span<const std::byte> datagram) noexcept { output_->send_dtls(path_, datagram); }

bool dtls_session::can_listen(const tls_context& context) const noexcept {
    return state_ != dtls_state::failed && SSL_get_SSL_CTX(ssl_.get()) == context.native().get();
}

bool dtls_session::listen(monotonic_time now, const turn::client_path& path,
                          std::span<const std::byte> datagram) noexcept {
    if (state_ == dtls_state::failed) return false;
    path_ = path;
    heard_at_ = now;
    datagram_port::take(datagram);
    const std::unique_ptr<BIO_ADDR, bio_address_deleter> unused{BIO_ADDR_new()};
    ERR_clear_error();
    const int listened = unused ? DTLSv1_listen(ssl_.get(), unused.get()) : 0;
    datagram_port::take({});
    ERR_clear_error();
    return listened > 0;
}

void dtls_session::accept(dtls_output& output) noexcept {
    output_ = &output;
    shake_hands();
}

void dtls_session::shake_hands() noexcept {
    ERR_clear_error();
    const int returned = SSL_accept(ssl_.get());
    if (returned == 1) {
        state_ = dtls_state::open;
    } else {
        judge(returned);
    }
}

void dtls_session::take(std::span<const std::byte> datagram) noexcept {
    datagram_port::take(datagram);
    if (state_ == dtls_state::handshake) shake_hands();
    if (state_ != dtls_state::open) datagram_port::take({});
}

std::optional<std::span<const std::byte>> dtls_session::read(std::span<std::byte> room) noexcept {
    if (state_ != dtls_state::open || room.empty()) return std::nullopt;
    ERR_clear_error();
    const int room_bytes = static_cast<int>(std::min<std::size_t>(room.size(), INT_MAX));
    const int returned = SSL_read(ssl_.get(), room.data(), room_bytes);
    if (returned > 0) return room.first(static_cast<std::size_t>(returned));
    judge(returned);
    datagram_port::take({});
    return std::nullopt;
}

bool dtls_session::write(std::span<const std::byte> message) noexcept {
    if (state_ != dtls_state::open || message.empty() || message.size() > message_bytes_max) return false;
    ERR_clear_error();
    return SSL_write(ssl_.get(), message.data(), static_cast<int>(message.size())) > 0;
}

void dtls_session::judge(int returned) noexcept {
    switch (SSL_get_error(ssl_.get(), returned)) {
        case SSL_ERROR_WANT_READ:
        case SSL_ERROR_WANT_WRITE:
            break;
        case SSL_ERROR_ZERO_RETURN:
            state_ = dtls_state::closed;
            break;
        default:
            state_ = dtls_state::failed;
    }
}

void dtls_session::on_tick() noexcept {
    if (state_ != dtls_state::handshake) return;
    ERR_clear_error();
    if (DTLSv1_handle_timeout(ssl_.get()) < 0) state_ = dtls_state::failed;
}

void dtls_session::close() noexcept {
    ERR_clear_error();
    if (state_ == dtls_state::open || state_ == dtls_state::closed) SSL_shutdown(ssl_.get());
    ERR_clear_error();
    state_ = dtls_state::closed;
}

}  // namespace turnix::io
