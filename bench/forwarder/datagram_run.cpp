#include "bench/forwarder/datagram_run.hpp"

#include "common/net/sockaddr.hpp"

#include <algorithm>
#include <cstring>

namespace turnix::bench {

sockaddr_in to_ipv4(const net::endpoint& from) {
    sockaddr_storage any{};
    net::to_sockaddr(from, any);
    sockaddr_in to{};
    std::memcpy(&to, &any, sizeof to);
    return to;
}

net::endpoint from_ipv4(const sockaddr_in& from) {
    sockaddr_storage any{};
    std::memcpy(&any, &from, sizeof from);
    return net::from_sockaddr(any, sizeof from).value_or(net::endpoint{});
}

datagram_run::datagram_run()
    : memory_(datagrams_max * datagram_bytes),
      parts_(datagrams_max),
      sources_(datagrams_max),
      control_(datagrams_max),
      received_(datagrams_max),
      outgoing_(datagrams_max),
      sent_(datagrams_max) {
    for (std::size_t i = 0; i < datagrams_max; ++i) {
        parts_[i] = {.iov_base = &memory_[i * datagram_bytes], .iov_len = datagram_bytes};
        msghdr& header = sent_[i].msg_hdr;
        header.msg_name = &outgoing_[i].to;
        header.msg_namelen = sizeof outgoing_[i].to;
        header.msg_iov = outgoing_[i].parts.data();
        header.msg_iovlen = outgoing_[i].parts.size();
    }
}

std::size_t datagram_run::receive(const io::file_descriptor& from) {
    for (std::size_t i = 0; i < datagrams_max; ++i) {
        received_[i].msg_hdr = {.msg_name = &sources_[i],
                                .msg_namelen = sizeof sources_[i],
                                .msg_iov = &parts_[i],
                                .msg_iovlen = 1,
                                .msg_control = control_[i].bytes.data(),
                                .msg_controllen = control_[i].bytes.size(),
                                .msg_flags = 0};
    }
    const int count = ::recvmmsg(from.get(), received_.data(), datagrams_max, MSG_DONTWAIT, nullptr);
    return static_cast<std::size_t>(std::max(count, 0));
}

std::span<const std::byte> datagram_run::payload(std::size_t index) const {
    return std::span{memory_}.subspan(index * datagram_bytes, received_[index].msg_len);
}

std::uint16_t datagram_run::steered_from(std::size_t index) {
    const auto control = io::read_packet_control(received_[index].msg_hdr);
    return control.destination.value_or(net::endpoint{}).port;
}

void datagram_run::add(std::span<const std::byte> header, std::span<const std::byte> payload,
                       const sockaddr_in& to) {
    outgoing& added = outgoing_[added_++];
    std::ranges::copy(header, added.header.begin());
    added.parts[0] = {.iov_base = added.header.data(), .iov_len = header.size()};
    // sendmsg only reads, but shares its type with recvmsg.
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast)
    added.parts[1] = {.iov_base = const_cast<std::byte*>(payload.data()), .iov_len = payload.size()};
    added.to = to;
}

void datagram_run::send(const io::file_descriptor& through) {
    std::size_t done = 0;
    while (done < added_) {
        const int count = ::sendmmsg(through.get(), &sent_[done], static_cast<unsigned>(added_ - done), 0);
        done += count > 0 ? static_cast<std::size_t>(count) : 1;  // the one that was refused is lost
    }
    added_ = 0;
}

}  // namespace turnix::bench
