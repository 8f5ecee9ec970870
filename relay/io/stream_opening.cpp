#include "relay/io/stream_opening.hpp"

#include <span>
#include <variant>

#include <sys/socket.h>

namespace turnix::io {

namespace {

/// The first byte of a TLS handshake record; none of STUN or ChannelData.
constexpr std::byte tls_handshake{0x16};

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
        const auto [state, bytes] =
            outcome_of(::recv(socket, into.data(), into.size(), MSG_DONTWAIT), progress::wants_read);
        header_.resize(had + bytes);
        if (state != progress::made) return state;
    }
}

progress stream_opening::look_at_first_byte(int socket) noexcept {
    std::byte first{};
    const auto state =
        outcome_of(::recv(socket, &first, 1, MSG_DONTWAIT | MSG_PEEK), progress::wants_read).state;
    transport_ = first == tls_handshake ? net::transport::tls : net::transport::tcp;
    return state;
}

}  // namespace turnix::io
