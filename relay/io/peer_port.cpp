#include "relay/io/peer_port.hpp"

#include "common/clock/insist.hpp"
#include "relay/io/socket.hpp"

#include <cerrno>
#include <memory>
#include <new>
#include <tuple>
#include <utility>
#include <vector>

#include <sys/socket.h>

namespace turnix::io {

namespace {
/// Accepts before others have their turn.
constexpr int accepts_max = 64;

/// Null, and the socket closed, when there is no memory.
std::unique_ptr<peer_socket> owned(file_descriptor socket) noexcept {
    try {
        return std::make_unique<peer_socket>(std::move(socket));
    } catch (const std::bad_alloc&) {
        return nullptr;
    }
}
}  // namespace

peer_port::attempt::attempt(boost::asio::io_context& context, file_descriptor socket, const net::endpoint& to)
    : descriptor{context, socket.get()}, peer{to} {
    std::ignore = socket.release();
}

peer_port::peer_port(boost::asio::io_context& context, peer_port_sink& sink, parts given)
    : context_{context},
      sink_{sink},
      handle_{given.handle},
      local_{given.local},
      listener_{context, given.listener.get()} {
    std::ignore = given.listener.release();
}

void peer_port::start() { wait_for_peers(); }

void peer_port::wait_for_peers() {
    insist([this] {
        listener_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                             [self = shared_from_this()](const boost::system::error_code&) {
                                 if (!self->closed_) self->accept_all();
                             });
    });
}

void peer_port::accept_all() {
    for (int i = 0; i < accepts_max; ++i) {
        if (!accept_one()) break;
        if (closed_) return;
    }
    if (!paused_) wait_for_peers();
}

bool peer_port::accept_one() {
    auto [socket, peer, error] = accept_from(listener_.native_handle());
    if (!socket.is_open()) {
        paused_ = is_out_of_resources(error);
        // A connection that ended before it was accepted is no reason to stop.
        return !paused_ && error != EAGAIN;
    }
    auto connection = owned(std::move(socket));
    if (peer && connection) sink_.on_peer_accepted(handle_, *peer, std::move(connection));
    return true;
}

bool peer_port::connect(const net::endpoint& peer) {
    auto socket = open_peer_socket(local_, peer);
    if (!socket) return false;
    auto tried = std::make_shared<attempt>(context_, std::move(*socket), peer);
    attempts_.push_back(tried);  // without memory for what follows it is given up when its time is over
    tried->descriptor.async_wait(boost::asio::posix::descriptor_base::wait_write,
                                 [self = shared_from_this(), tried](const boost::system::error_code& error) {
                                     if (!error && !self->closed_) self->on_ready(tried);
                                 });
    return true;
}

void peer_port::on_ready(const std::shared_ptr<attempt>& tried) {
    if (!tried->descriptor.is_open()) return;
    int error = 0;
    socklen_t length = sizeof error;
    ::getsockopt(tried->descriptor.native_handle(), SOL_SOCKET, SO_ERROR, &error, &length);
    if (error != 0) return give_up(tried);
    attempts_.remove(tried);
    sink_.on_peer_connected(handle_, tried->peer, owned(file_descriptor{tried->descriptor.release()}));
}

void peer_port::give_up(const std::shared_ptr<attempt>& tried) {
    boost::system::error_code ignored;
    tried->descriptor.close(ignored);
    attempts_.remove(tried);
    sink_.on_peer_connected(handle_, tried->peer, nullptr);
}

void peer_port::on_tick(monotonic_time now) {
    if (std::exchange(paused_, false)) wait_for_peers();
    std::vector<std::shared_ptr<attempt>> late;
    for (const auto& each : attempts_) {
        const auto since = each->since.value_or(now);
        each->since = since;
        if (now - since >= connect_patience) late.push_back(each);
    }
    for (const auto& each : late) {
        if (!closed_) give_up(each);
    }
}

void peer_port::close() {
    closed_ = true;
    boost::system::error_code ignored;
    listener_.close(ignored);
    for (const auto& each : attempts_) each->descriptor.close(ignored);
    attempts_.clear();
}

}  // namespace turnix::io
