#include "relay/io/stream_opening.hpp"

#include <algorithm>
#include <cerrno>
#include <span>
#include <variant>

#include <sys/socket.h>

namespace turnix::io {

namespace {

/// The first byte of a TLS handshake record; none of STUN or ChannelData.
constexpr std::byte tls_handshake{0x16};

progress outcome(ssize_t bytes) noexcept {
    if (bytes > 0) return progress::made;
    return bytes < 0 && (errno == EAGAIN || errno == EINTR) ? progress::wants_read : progress::ended;
}

}  // namespace

progress stream_opening::advance(int socket) {
    if (awaits_header_) {
        const auto state = read_header(socket);
        if (state != progress::made) return state;
    }
    if (served_.tcp && served_.tls) return look_at_first_byte(socket);
    transport_ = served_.tls ? net::transport::tls : net::transport::tcp;
    return progress::made;
}

progress stream_opening::read_header(int socket) {
    while (true) {
        const auto parsed = parse_proxy_header(header_);
        if (const auto* const found = std::get_if<proxy_header>(&parsed)) {
            endpoints_ = found->endpoints;
            awaits_header_ = false;
            header_ = {};
            return progress::made;
        }
        if (const auto* const error = std::get_if<proxy_error>(&parsed)) {
            fault_ = *error;
            return progress::ended;
        }
        const auto had = header_.size();
        header_.resize(had + std::get<proxy_need_more>(parsed).bytes);
        const auto into = std::span{header_}.subspan(had);
        const auto bytes = ::recv(socket, into.data(), into.size(), MSG_DONTWAIT);
        header_.resize(had + static_cast<std::size_t>(std::max<ssize_t>(bytes, 0)));
        if (const auto state = outcome(bytes); state != progress::made) return state;
    }
}

progress stream_opening::look_at_first_byte(int socket) noexcept {
    std::byte first{};
    const auto state = outcome(::recv(socket, &first, 1, MSG_DONTWAIT | MSG_PEEK));
    transport_ = first == tls_handshake ? net::transport::tls : net::transport::tcp;
    return state;
}

}  // namespace turnix::io
