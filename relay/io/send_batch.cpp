#include "relay/io/send_batch.hpp"

#include "common/net/sockaddr.hpp"
#include "relay/io/socket_options.hpp"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <utility>

namespace turnix::io {

namespace {

constexpr std::size_t kept_bytes_max = 131'072;
/// Of joined datagrams: what every kernel takes that knows them, and what one IP packet holds.
constexpr std::uint32_t joined_max = 64;
constexpr std::size_t joined_bytes_max = 65'000;

/// Of datagrams that were too big, until somebody asks for them.
constexpr std::size_t too_big_max = 64;

constexpr std::array<std::byte, 3> zeros{};

/// The kernel takes no more at this moment.
bool is_shortage(int error) noexcept { return error == EAGAIN || error == ENOBUFS; }

iovec part_of(std::span<const std::byte> bytes) noexcept {
    // sendmsg only reads, but shares its type with recvmsg.
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast)
    return {.iov_base = const_cast<std::byte*>(bytes.data()), .iov_len = bytes.size()};
}

}  // namespace

bool send_datagram(const file_descriptor& socket, const outgoing_datagram& datagram) noexcept {
    sockaddr_storage to{};
    std::array parts{part_of(datagram.header), part_of(datagram.payload),
                     part_of(std::span{zeros}.first(datagram.padding))};
    packet_control_buffer control_room{};
    msghdr message{};
    message.msg_name = &to;
    message.msg_namelen = net::to_sockaddr(datagram.to, to);
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    write_packet_control(message, control_room, datagram.to.address.family(), datagram.control);
    return ::sendmsg(socket.get(), &message, MSG_DONTWAIT) >= 0;
}

send_batch::send_batch(datagram_counters& counters, std::unique_ptr<message_carrier> carrier)
    : counters_{counters},
      carrier_{std::move(carrier)},
      waiting_(datagrams_max),
      messages_(datagrams_max),
      headers_(datagrams_max),
      parts_(parts_max * datagrams_max),
      kept_{std::make_unique_for_overwrite<std::byte[]>(kept_bytes_max)} {
    sockets_.reserve(datagrams_max);
    too_big_.reserve(too_big_max);
    troubled_.reserve(datagrams_max);
}

void send_batch::add(datagram_socket& through, const outgoing_datagram& datagram) noexcept {
    if (used_ == datagrams_max) flush();
    const auto index = static_cast<std::uint32_t>(used_++);
    waiting& added = waiting_[index];
    assert(datagram.header.size() <= added.header.size() && datagram.padding <= zeros.size());
    std::ranges::copy(datagram.header, added.header.begin());
    added.parts = {part_of(std::span{added.header}.first(datagram.header.size())), part_of(datagram.payload),
                   part_of(std::span{zeros}.first(datagram.padding))};
    added.bytes = datagram.header.size() + datagram.payload.size() + datagram.padding;
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
    for (datagram_socket* socket : sockets_) gather_all(*socket);
    send_gathered();
    sockets_.clear();
    used_ = 0;
    kept_bytes_ = 0;
}

void send_batch::flush(datagram_socket& socket) noexcept {
    gather_all(socket);
    send_gathered();
}

void send_batch::gather_all(datagram_socket& socket) noexcept {
    for (auto at = socket.first; at != datagram_socket::none;) {
        if (waiting_[at].dont_fragment != socket.dont_fragment) {
            send_gathered();
            socket.dont_fragment = waiting_[at].dont_fragment;
            set_dont_fragment(socket.descriptor, socket.family, socket.dont_fragment);
        }
        at = gather(socket, at);
    }
    if (!carrier_) send_gathered();
    socket.first = socket.last = datagram_socket::none;
}

std::uint32_t send_batch::gather(const datagram_socket& socket, std::uint32_t first) noexcept {
    const waiting& leading = waiting_[first];
    message& gathered = messages_[gathered_];
    gathered.through = &socket;
    gathered.first = first;
    gathered.datagrams = 1;
    msghdr& header = headers_[gathered_].msg_hdr;
    header.msg_iov = parts_.data() + parts_used_;
    append(first);
    std::size_t bytes = leading.bytes;
    std::uint32_t next = leading.next;
    while (next != datagram_socket::none && gathered.datagrams < joined_max &&
           may_join(leading, waiting_[next]) && waiting_[next].bytes <= joined_bytes_max - bytes) {
        append(next);
        ++gathered.datagrams;
        bytes += waiting_[next].bytes;
        // A shorter one can only be the last.
        const bool is_last = waiting_[next].bytes < leading.bytes;
        next = waiting_[next].next;
        if (is_last) break;
    }
    header.msg_iovlen = parts_used_ - static_cast<std::size_t>(header.msg_iov - parts_.data());
    write_header(gathered, socket.family);
    ++gathered_;
    return next;
}

void send_batch::append(std::uint32_t index) noexcept {
    for (const iovec& part : waiting_[index].parts) {
        if (part.iov_len != 0) parts_[parts_used_++] = part;
    }
}

void send_batch::write_header(message& of, net::family family) noexcept {
    waiting& leading = waiting_[of.first];
    msghdr& header = headers_[gathered_].msg_hdr;
    header.msg_name = &leading.to;
    header.msg_namelen = leading.to_bytes;
    header.msg_control = nullptr;
    header.msg_controllen = 0;
    packet_control control = leading.control;
    if (of.datagrams > 1) control.segment_bytes = static_cast<std::uint16_t>(leading.bytes);
    if (!control.is_empty()) write_packet_control(header, of.control_room, family, control);
}

bool send_batch::may_join(const waiting& first, const waiting& next) const noexcept {
    return joins_ && next.bytes != 0 && next.bytes <= first.bytes && first.bytes <= joined_bytes_max &&
           next.dont_fragment == first.dont_fragment && next.to_bytes == first.to_bytes &&
           next.control.traffic_class == first.control.traffic_class &&
           next.control.local == first.control.local && std::memcmp(&next.to, &first.to, first.to_bytes) == 0;
}

void send_batch::send_gathered() noexcept {
    if (gathered_ == 0) return;
    if (carrier_) {
        send_carried();
    } else {
        send_through(*messages_.front().through);
    }
    gathered_ = 0;
    parts_used_ = 0;
}

void send_batch::send_through(const datagram_socket& socket) noexcept {
    std::size_t done = 0;
    bool refused_once = false;
    while (done < gathered_) {
        const int sent = ::sendmmsg(socket.descriptor.get(), headers_.data() + done,
                                    static_cast<unsigned>(gathered_ - done), MSG_DONTWAIT);
        if (sent > 0) {
            count(datagram_event::sent, done, done + static_cast<std::size_t>(sent));
            done += static_cast<std::size_t>(sent);
            refused_once = false;
            continue;
        }
        if (is_shortage(errno)) {
            count(datagram_event::send_queue_full, done, gathered_);
            break;
        }
        // The first refusal may be the ICMP error of an older datagram, which this call had to report.
        if (errno != EINTR && std::exchange(refused_once, !refused_once)) {
            refuse(messages_[done], errno);
            ++done;
        }
    }
}

void send_batch::send_carried() noexcept {
    for (std::size_t i = 0; i < gathered_; ++i) {
        carrier_->add(messages_[i].through->descriptor, headers_[i].msg_hdr);
    }
    std::size_t done = 0;
    for (const auto& [index, error] : carrier_->carry()) {
        count(datagram_event::sent, done, index);
        send_again(index, error);
        done = index + 1;
    }
    count(datagram_event::sent, done, gathered_);
}

void send_batch::send_again(std::uint32_t index, int error) noexcept {
    const message& refused = messages_[index];
    if (is_shortage(error)) {
        count(datagram_event::send_queue_full, index, index + 1);
        return;
    }
    if (refused.through->key != datagram_socket::none && troubled_.size() < datagrams_max) {
        troubled_.push_back(refused.through->key);
    }
    // It may have had to report the ICMP error of an older datagram. What followed has left already, and now
    // overtakes it: rare, and UDP.
    if (::sendmsg(refused.through->descriptor.get(), &headers_[index].msg_hdr, MSG_DONTWAIT) >= 0) {
        count(datagram_event::sent, index, index + 1);
    } else if (is_shortage(errno)) {
        count(datagram_event::send_queue_full, index, index + 1);
    } else {
        refuse(refused, errno);
    }
}

void send_batch::count(datagram_event event, std::size_t first, std::size_t end) noexcept {
    for (; first < end; ++first) counters_.add(event, messages_[first].datagrams);
}

void send_batch::refuse(const message& refused, int error) noexcept {
    if (refused.datagrams == 1) {
        refuse(*refused.through, waiting_[refused.first], error);
        return;
    }
    // EIO: no device on that way can do it, nor sum up for us.
    if (error == EIO) joins_ = false;
    send_apart(refused);
}

void send_batch::send_apart(const message& refused) noexcept {
    const datagram_socket& socket = *refused.through;
    std::uint32_t at = refused.first;
    for (std::uint32_t i = 0; i < refused.datagrams; ++i, at = waiting_[at].next) {
        waiting& each = waiting_[at];
        packet_control_buffer control_room{};
        msghdr header{};
        header.msg_name = &each.to;
        header.msg_namelen = each.to_bytes;
        header.msg_iov = each.parts.data();
        header.msg_iovlen = each.parts.size();
        write_packet_control(header, control_room, socket.family, each.control);
        if (::sendmsg(socket.descriptor.get(), &header, MSG_DONTWAIT) >= 0) {
            counters_.add(datagram_event::sent);
        } else {
            refuse(socket, each, errno);
        }
    }
}

void send_batch::refuse(const datagram_socket& socket, const waiting& refused, int error) noexcept {
    counters_.add(error == EMSGSIZE ? datagram_event::too_big : datagram_event::send_refused);
    if (error != EMSGSIZE || !refused.dont_fragment || too_big_.size() == too_big_max) return;
    if (const auto to = net::from_sockaddr(refused.to, refused.to_bytes)) too_big_.push_back({&socket, *to});
}

std::optional<net::endpoint> send_batch::take_too_big(const datagram_socket& socket,
                                                      const net::address& to) noexcept {
    const auto found = std::ranges::find_if(
        too_big_, [&](const too_big& each) { return each.socket == &socket && each.to.address == to; });
    if (found == too_big_.end()) return std::nullopt;
    const net::endpoint told = found->to;
    too_big_.erase(found);
    return told;
}

void send_batch::forget_too_big(const datagram_socket& socket) noexcept {
    std::erase_if(too_big_, [&](const too_big& each) { return each.socket == &socket; });
}

}  // namespace turnix::io
