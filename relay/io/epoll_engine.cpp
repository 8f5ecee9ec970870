#include "relay/io/epoll_engine.hpp"

#include "relay/io/error_queue.hpp"
#include "relay/io/socket_options.hpp"

#include <cassert>
#include <utility>

namespace turnix::io {

namespace {

/// What one relay socket may deliver in one look.
constexpr std::size_t relay_datagrams_max = 32;
constexpr int relay_errors_max = 16;

}  // namespace

epoll_engine::epoll_engine(boost::asio::io_context& context, std::vector<datagram_listener> listeners,
                           const wake_up_pacer& pacer)
    : polled_engine{context, std::move(listeners), pacer} {}

void epoll_engine::serve(std::uint32_t key, std::uint32_t events) noexcept {
    if ((events & EPOLLERR) != 0) receive_errors(key);
    receive_from_peers(key);
}

void epoll_engine::receive_from_peers(std::uint32_t index) noexcept {
    const datagram_socket& socket = relays_[index];
    if (!socket.descriptor.is_open()) return;
    const auto run = receive(socket.descriptor, relay_datagrams_max);
    show_each(run, [&](const received_datagram& datagram) noexcept {
        if (!socket.descriptor.is_open()) return;
        sink().on_peer_datagram({.index = index}, datagram.from, datagram.payload);
    });
}

void epoll_engine::receive_errors(std::uint32_t index) noexcept {
    const datagram_socket& socket = relays_[index];
    for (int taken = 0; taken < relay_errors_max && socket.descriptor.is_open(); ++taken) {
        const auto error = take_error(socket.descriptor);
        if (!error) return;
        if (!error->icmp) continue;
        const auto sent_to =
            error->is_refusal ? outgoing().take_too_big(socket, error->sent_to.address) : error->sent_to;
        if (sent_to) sink().on_peer_error({.index = index}, *sent_to, *error->icmp);
    }
}

result<turn::relay_handle, bind_error> epoll_engine::open_relay(const net::endpoint& local) noexcept {
    auto socket = open_relay_socket(local);
    if (!socket) return socket.error();
    return adopt_relay(std::move(*socket), local.address.family());
}

result<turn::relay_handle, bind_error> epoll_engine::adopt_relay(file_descriptor socket,
                                                                 net::family family) noexcept {
    const std::uint32_t index = handles_.next();
    if (!watch(socket, index)) return bind_error::out_of_resources;
    handles_.take();
    ask_for_joined(socket);
    if (index == relays_.size()) relays_.emplace_back();
    relays_[index].descriptor = std::move(socket);
    relays_[index].family = family;
    relays_[index].dont_fragment = false;
    return turn::relay_handle{.index = index};
}

file_descriptor epoll_engine::release_relay(turn::relay_handle handle) noexcept {
    datagram_socket& socket = relays_[handle.index];
    assert(socket.descriptor.is_open());
    outgoing().flush(socket);
    outgoing().forget_too_big(socket);
    if (socket.dont_fragment) set_dont_fragment(socket.descriptor, socket.family, false);
    unwatch(socket.descriptor);
    handles_.retire(handle.index);
    return std::move(socket.descriptor);
}

void epoll_engine::close_relay(turn::relay_handle handle) noexcept {
    datagram_socket& socket = relays_[handle.index];
    assert(socket.descriptor.is_open());
    outgoing().flush(socket);
    outgoing().forget_too_big(socket);
    socket.descriptor.reset();
    handles_.retire(handle.index);
}

void epoll_engine::send_to_peer(const turn::to_peer& what) noexcept {
    outgoing().add(relays_[what.from.index], {.payload = what.payload,
                                              .to = what.peer,
                                              .control = {.traffic_class = shown_traffic_class()},
                                              .dont_fragment = what.dont_fragment});
}

void epoll_engine::finish_batch() noexcept { handles_.renew(); }

}  // namespace turnix::io
