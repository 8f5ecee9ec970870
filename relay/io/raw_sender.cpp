#include "relay/io/raw_sender.hpp"

#include "common/net/sockaddr.hpp"
#include "relay/io/error_queue.hpp"
#include "relay/io/shared_sockets.hpp"

#include <cerrno>
#include <optional>

namespace turnix::io {

raw_sender::raw_sender(const net::address& local, datagram_counters& counters)
    : local_{local},
      counters_{counters},
      socket_{open_raw_sender(local)},
      waiting_(datagrams_max),
      messages_(datagrams_max) {
    oversized_.reserve(datagrams_max);
    for (std::size_t i = 0; i < datagrams_max; ++i) {
        msghdr& header = messages_[i].msg_hdr;
        header.msg_name = &waiting_[i].to;
        header.msg_iov = waiting_[i].parts.data();
        header.msg_iovlen = waiting_[i].parts.size();
    }
}

void raw_sender::add(const raw_datagram& datagram) noexcept {
    const turn::to_peer& what = datagram.what;
    if (what.peer.port == 0) {
        counters_.add(datagram_event::send_refused);
        return;
    }
    if (what.payload.size() > udp_payload_bytes_max(local_.family())) {
        counters_.add(datagram_event::too_big);
        return;
    }
    if (used_ == datagrams_max) flush();
    waiting& added = waiting_[used_];
    added.datagram = datagram;
    const auto headers = write_udp_headers(added.headers, {.from = {local_, datagram.source_port},
                                                           .to = what.peer,
                                                           .payload = what.payload,
                                                           .traffic_class = datagram.traffic_class,
                                                           .dont_fragment = what.dont_fragment});
    added.parts[0] = {.iov_base = added.headers.data(), .iov_len = headers.size()};
    // sendmsg only reads, but shares its type with recvmsg.
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast)
    added.parts[1] = {.iov_base = const_cast<std::byte*>(what.payload.data()),
                      .iov_len = what.payload.size()};
    // A raw IPv6 socket takes a port for the number of a protocol.
    messages_[used_].msg_hdr.msg_namelen = net::to_sockaddr({what.peer.address, 0}, added.to);
    ++used_;
}

void raw_sender::flush() noexcept {
    std::size_t done = 0;
    while (done < used_) {
        const int sent = ::sendmmsg(socket_.get(), messages_.data() + done,
                                    static_cast<unsigned>(used_ - done), MSG_DONTWAIT);
        if (sent > 0) {
            counters_.add(datagram_event::sent, static_cast<std::uint64_t>(sent));
            done += static_cast<std::size_t>(sent);
            continue;
        }
        if (errno == EAGAIN || errno == ENOBUFS) {
            counters_.add(datagram_event::send_queue_full, used_ - done);
            break;
        }
        if (errno != EINTR) refuse(waiting_[done++].datagram, errno);
    }
    used_ = 0;
}

void raw_sender::refuse(const raw_datagram& datagram, int error) noexcept {
    if (error == EMSGSIZE) {
        set_aside(datagram);
    } else {
        counters_.add(datagram_event::send_refused);
    }
}

void raw_sender::set_aside(const raw_datagram& datagram) noexcept {
    // Each attempt to send it has left one, and sendmmsg may have made two.
    std::optional<queued_error> error;
    while (const auto newer = take_error(socket_)) error = newer;
    if (oversized_.size() == datagrams_max) {
        counters_.add(datagram_event::too_big);
        return;
    }
    const std::uint32_t mtu = error && error->icmp ? error->icmp->data : 0;
    oversized_.push_back({.datagram = datagram, .mtu = mtu});
}

}  // namespace turnix::io
