#include "relay/io/send_batch.hpp"

#include "common/net/sockaddr.hpp"
#include "relay/io/socket.hpp"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <utility>

namespace turnix::io {

namespace {
constexpr std::size_t kept_bytes_max = 131'072;
}

send_batch::send_batch(datagram_counters& counters)
    : counters_{counters},
      waiting_(datagrams_max),
      headers_(datagrams_max),
      kept_{std::make_unique_for_overwrite<std::byte[]>(kept_bytes_max)} {
    sockets_.reserve(datagrams_max);
}

void send_batch::add(datagram_socket& through, const outgoing_datagram& datagram) noexcept {
    if (used_ == datagrams_max) flush();
    const auto index = static_cast<std::uint32_t>(used_++);
    waiting& added = waiting_[index];
    // sendmsg only reads, but shares its type with recvmsg.
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast)
    added.payload = {.iov_base = const_cast<std::byte*>(datagram.payload.data()),
                     .iov_len = datagram.payload.size()};
    added.to_bytes = net::to_sockaddr(datagram.to, added.to);
    added.control = datagram.control;
    added.dont_fragment = datagram.dont_fragment;
    added.next = datagram_socket::none;
    if (through.first == datagram_socket::none) {
        through.first = index;
        sockets_.push_back(&through);
    } else {
        waiting_[through.last].next = index;
    }
    through.last = index;
}

void send_batch::add_copy(datagram_socket& through, outgoing_datagram datagram) noexcept {
    const std::size_t bytes = datagram.payload.size();
    assert(bytes <= 65'536);
    if (used_ == datagrams_max || bytes > kept_bytes_max - kept_bytes_) flush();
    const std::span copy{kept_.get() + kept_bytes_, bytes};
    std::ranges::copy(datagram.payload, copy.begin());
    kept_bytes_ += bytes;
    datagram.payload = copy;
    add(through, datagram);
}

void send_batch::flush() noexcept {
    for (datagram_socket* socket : sockets_) flush(*socket);
    sockets_.clear();
    used_ = 0;
    kept_bytes_ = 0;
}

void send_batch::flush(datagram_socket& socket) noexcept {
    std::size_t count = 0;
    for (auto at = socket.first; at != datagram_socket::none; at = waiting_[at].next) {
        if (waiting_[at].dont_fragment != socket.dont_fragment) {
            send_run(socket.descriptor, count);
            count = 0;
            socket.dont_fragment = waiting_[at].dont_fragment;
            set_dont_fragment(socket.descriptor, socket.family, socket.dont_fragment);
        }
        headers_[count++].msg_hdr = header_of(waiting_[at], socket.family);
    }
    send_run(socket.descriptor, count);
    socket.first = socket.last = datagram_socket::none;
}

msghdr send_batch::header_of(waiting& datagram, net::family family) noexcept {
    msghdr header{};
    header.msg_name = &datagram.to;
    header.msg_namelen = datagram.to_bytes;
    header.msg_iov = &datagram.payload;
    header.msg_iovlen = 1;
    if (!datagram.control.is_empty()) {
        write_packet_control(header, datagram.control_room, family, datagram.control);
    }
    return header;
}

void send_batch::send_run(const file_descriptor& socket, std::size_t count) noexcept {
    std::size_t done = 0;
    bool refused_once = false;
    while (done < count) {
        const int sent = ::sendmmsg(socket.get(), headers_.data() + done, static_cast<unsigned>(count - done),
                                    MSG_DONTWAIT);
        if (sent > 0) {
            counters_.add(datagram_event::sent, static_cast<std::uint64_t>(sent));
            done += static_cast<std::size_t>(sent);
            refused_once = false;
        } else if (errno == EAGAIN || errno == ENOBUFS) {
            counters_.add(datagram_event::send_queue_full, count - done);
            return;
        } else if (errno != EINTR && std::exchange(refused_once, !refused_once)) {
            // The first refusal may be the ICMP error of an older datagram, which this call had to report.
            counters_.add(errno == EMSGSIZE ? datagram_event::too_big : datagram_event::send_refused);
            ++done;
        }
    }
}

}  // namespace turnix::io
