#include "relay/io/receive_batch.hpp"

#include "common/net/sockaddr.hpp"

#include <algorithm>
#include <cerrno>

namespace turnix::io {

namespace {

constexpr std::size_t payload_bytes_max = 65'536;

/// No multiple of a page: the first lines of the datagrams spread over the cache's sets.
constexpr std::size_t stride_bytes = payload_bytes_max + 576;

}  // namespace

receive_batch::receive_batch()
    : memory_{std::make_unique_for_overwrite<std::byte[]>(datagrams_max * stride_bytes)},
      headers_(datagrams_max),
      payloads_(datagrams_max),
      sources_(datagrams_max),
      control_(datagrams_max),
      received_(datagrams_max) {
    for (std::size_t i = 0; i < datagrams_max; ++i) {
        payloads_[i] = {.iov_base = memory_.get() + i * stride_bytes, .iov_len = payload_bytes_max};
    }
}

void receive_batch::prepare(std::size_t index) noexcept {
    headers_[index].msg_hdr = {.msg_name = &sources_[index],
                               .msg_namelen = sizeof sources_[index],
                               .msg_iov = &payloads_[index],
                               .msg_iovlen = 1,
                               .msg_control = control_[index].bytes.data(),
                               .msg_controllen = control_[index].bytes.size(),
                               .msg_flags = 0};
}

receive_batch::run receive_batch::receive(const file_descriptor& socket, std::size_t limit) noexcept {
    const std::size_t wanted = std::min(limit, room());
    for (std::size_t i = used_; i < used_ + wanted; ++i) prepare(i);
    const int count = ::recvmmsg(socket.get(), headers_.data() + used_, static_cast<unsigned>(wanted),
                                 MSG_DONTWAIT, nullptr);
    if (count < 0) return {.failed = errno != EAGAIN && errno != EINTR};
    const run received{.first = used_, .count = static_cast<std::size_t>(count)};
    for (std::size_t i = used_; i < used_ + received.count; ++i) received_[i] = read(i);
    used_ += received.count;
    return received;
}

received_datagram receive_batch::read(std::size_t index) noexcept {
    msghdr& header = headers_[index].msg_hdr;
    return {.from = net::from_sockaddr(sources_[index], header.msg_namelen).value_or(net::endpoint{}),
            .control = read_packet_control(header),
            .payload = {memory_.get() + index * stride_bytes, headers_[index].msg_len}};
}

}  // namespace turnix::io
