#include "relay/io/relay_sockets.hpp"

#include "relay/io/error_queue.hpp"
#include "relay/io/socket_options.hpp"

#include <cassert>
#include <utility>

namespace turnix::io {

namespace {
constexpr int errors_max = 16;
}

turn::relay_handle relay_sockets::add(file_descriptor socket, net::family family) {
    const std::uint32_t index = handles_.next();
    if (index == sockets_.size()) sockets_.emplace_back();
    handles_.take();
    ask_for_joined(socket);
    sockets_[index].descriptor = std::move(socket);
    sockets_[index].family = family;
    sockets_[index].key = index;
    sockets_[index].dont_fragment = false;
    return {.index = index};
}

file_descriptor relay_sockets::take(turn::relay_handle handle) noexcept {
    datagram_socket& socket = sockets_[handle.index];
    assert(socket.descriptor.is_open());
    outgoing_.flush(socket);
    outgoing_.forget_too_big(socket);
    handles_.retire(handle.index);
    return std::move(socket.descriptor);
}

file_descriptor relay_sockets::take_whole(turn::relay_handle handle) noexcept {
    file_descriptor taken = take(handle);
    const datagram_socket& socket = sockets_[handle.index];
    if (socket.dont_fragment) set_dont_fragment(taken, socket.family, false);
    return taken;
}

void relay_sockets::send(const turn::to_peer& what, std::uint8_t traffic_class) noexcept {
    outgoing_.add(sockets_[what.from.index], {.payload = what.payload,
                                              .to = what.peer,
                                              .control = {.traffic_class = traffic_class},
                                              .dont_fragment = what.dont_fragment});
}

int relay_sockets::show_errors(std::uint32_t index, datagram_sink& sink) noexcept {
    const datagram_socket& socket = sockets_[index];
    for (int taken = 0; taken < errors_max; ++taken) {
        if (!socket.descriptor.is_open()) return taken;
        const auto error = take_error(socket.descriptor);
        if (!error) return taken;
        if (!error->icmp) continue;
        const auto sent_to =
            error->is_refusal ? outgoing_.take_too_big(socket, error->sent_to.address) : error->sent_to;
        if (sent_to) sink.on_peer_error({.index = index}, *sent_to, *error->icmp);
    }
    return errors_max;
}

}  // namespace turnix::io
