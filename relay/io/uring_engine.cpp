#include "relay/io/uring_engine.hpp"

#include "relay/io/uring_carrier.hpp"

#include <array>
#include <cerrno>
#include <new>
#include <system_error>
#include <utility>

#include <sys/socket.h>

namespace turnix::io {

uring_engine::uring_engine(boost::asio::io_context& context, std::vector<datagram_listener> listeners,
                           const wake_up_pacer& pacer, std::unique_ptr<uring_receiver> receiver)
    : listening_engine{context, receiver->event(), std::move(listeners), pacer,
                       std::make_unique<uring_carrier>()},
      receiver_{std::move(receiver)},
      first_relay_{static_cast<std::uint32_t>(this->listeners().size())} {
    troubled_.reserve(send_batch::datagrams_max);
}

void uring_engine::probe() {
    std::array<int, 2> pair{};
    if (::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair.data()) != 0) {
        throw std::system_error{errno, std::generic_category(), "cannot make sockets to try io_uring"};
    }
    const file_descriptor near{pair.front()};
    const file_descriptor far{pair.back()};
    uring_receiver receiver;
    receiver.start();
    receiver.add(0, far, uring_receiver::pool::clients);
    uring_carrier carrier;
    std::byte sent{0x5a};
    iovec part{.iov_base = &sent, .iov_len = 1};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    carrier.add(near, message);
    int refused = 0;
    for (const auto& refusal : carrier.carry()) refused = refusal.error;
    bool has_come = false;
    if (receiver.look()) {
        receiver.show_each(
            [&](std::uint32_t, const received_datagram& datagram) noexcept {
                has_come = datagram.payload.size() == 1 && datagram.payload.front() == sent;
            },
            [](std::uint32_t) noexcept {});
    }
    receiver.stop();
    if (refused != 0) throw std::system_error{refused, std::generic_category(), "io_uring sends nothing"};
    if (!has_come) throw std::system_error{ENOTSUP, std::generic_category(), "io_uring receives nothing"};
}

void uring_engine::start(datagram_sink& sink) {
    listening_engine::start(sink);
    for (std::uint32_t i = 0; i < first_relay_; ++i) {
        receiver_->add(i, listeners()[i].socket.descriptor, uring_receiver::pool::clients);
    }
    receiver_->start();
}

bool uring_engine::serve_once() noexcept {
    if (!receiver_->look()) return false;
    sink().on_batch();
    receiver_->show_each(
        [this](std::uint32_t slot, const received_datagram& datagram) noexcept { show(slot, datagram); },
        [this](std::uint32_t slot) noexcept { show_error(slot); });
    end_showing();
    sink().on_batch_end();
    flush();
    return true;
}

void uring_engine::show(std::uint32_t slot, const received_datagram& joined) noexcept {
    show_apart(joined, [&](const received_datagram& datagram) noexcept {
        begin_showing(datagram);
        if (slot < first_relay_) {
            sink().on_client_datagram(path_of(slot, datagram), datagram.payload);
        } else if (relays_.is_open(slot - first_relay_)) {
            sink().on_peer_datagram({.index = slot - first_relay_}, datagram.from, datagram.payload);
        }
    });
}

void uring_engine::show_error(std::uint32_t slot) noexcept {
    end_showing();
    const bool is_told = slot >= first_relay_ && relays_.show_errors(slot - first_relay_, sink()) != 0;
    if (!is_told) count().add(datagram_event::receive_failed);
}

result<turn::relay_handle, bind_error> uring_engine::open_relay(const net::endpoint& local) noexcept {
    auto socket = open_relay_socket(local);
    if (!socket) return socket.error();
    return adopt_relay(std::move(*socket), local.address.family());
}

result<turn::relay_handle, bind_error> uring_engine::adopt_relay(file_descriptor socket,
                                                                 net::family family) noexcept try {
    receiver_->make_room(first_relay_ + relays_.next());
    const auto handle = relays_.add(std::move(socket), family);
    receiver_->add(slot_of(handle), relays_.descriptor(handle.index), uring_receiver::pool::peers);
    return handle;
} catch (const std::bad_alloc&) {
    return bind_error::out_of_resources;
}

file_descriptor uring_engine::release_relay(turn::relay_handle handle) noexcept {
    receiver_->remove(slot_of(handle));
    return relays_.take_whole(handle);
}

void uring_engine::close_relay(turn::relay_handle handle) noexcept {
    receiver_->remove(slot_of(handle));
    const auto closed = relays_.take(handle);
}

void uring_engine::send_to_peer(const turn::to_peer& what) noexcept {
    relays_.send(what, shown_traffic_class());
}

void uring_engine::flush() noexcept {
    outgoing().flush();
    receiver_->give_back();
    relays_.renew();
    outgoing().take_troubled(troubled_);
    if (troubled_.empty()) return;
    for (const std::uint32_t index : troubled_) relays_.show_errors(index, sink());
    troubled_.clear();
    outgoing().flush();
}

}  // namespace turnix::io
