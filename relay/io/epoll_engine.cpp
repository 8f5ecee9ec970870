#include "relay/io/epoll_engine.hpp"

#include <new>
#include <utility>

namespace turnix::io {

namespace {

/// What one relay socket may deliver in one look.
constexpr std::size_t relay_datagrams_max = 32;

}  // namespace

epoll_engine::epoll_engine(boost::asio::io_context& context, std::vector<datagram_listener> listeners,
                           const wake_up_pacer& pacer)
    : polled_engine{context, std::move(listeners), pacer} {}

void epoll_engine::serve(std::uint32_t key, std::uint32_t events) noexcept {
    if ((events & EPOLLERR) != 0) relays_.show_errors(key, sink());
    receive_from_peers(key);
}

void epoll_engine::receive_from_peers(std::uint32_t index) noexcept {
    if (!relays_.is_open(index)) return;
    const auto run = receive(relays_.descriptor(index), relay_datagrams_max);
    show_each(run, [&](const received_datagram& datagram) noexcept {
        if (!relays_.is_open(index)) return;
        sink().on_peer_datagram({.index = index}, datagram.from, datagram.payload);
    });
}

result<turn::relay_handle, bind_error> epoll_engine::open_relay(const net::endpoint& local) noexcept {
    auto socket = open_relay_socket(local);
    if (!socket) return socket.error();
    return adopt_relay(std::move(*socket), local.address.family());
}

result<turn::relay_handle, bind_error> epoll_engine::adopt_relay(file_descriptor socket,
                                                                 net::family family) noexcept try {
    if (!watch(socket, relays_.next())) return bind_error::out_of_resources;
    return relays_.add(std::move(socket), family);
} catch (const std::bad_alloc&) {
    return bind_error::out_of_resources;
}

file_descriptor epoll_engine::release_relay(turn::relay_handle handle) noexcept {
    auto released = relays_.take_whole(handle);
    unwatch(released);
    return released;
}

void epoll_engine::close_relay(turn::relay_handle handle) noexcept {
    const auto closed = relays_.take(handle);
}

void epoll_engine::send_to_peer(const turn::to_peer& what) noexcept {
    relays_.send(what, shown_traffic_class());
}

}  // namespace turnix::io
