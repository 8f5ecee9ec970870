#include "relay/io/uring_buffers.hpp"

#include "common/net/sockaddr.hpp"
#include "relay/io/packet_control.hpp"

#include <bit>
#include <cstring>
#include <new>
#include <system_error>

namespace turnix::io {

namespace {

constexpr std::size_t page_bytes = 4'096;

constexpr std::size_t source_offset = sizeof(io_uring_recvmsg_out);
/// Large enough for every source, and what follows stays aligned.
constexpr std::size_t source_bytes = 32;
constexpr std::size_t control_offset = source_offset + source_bytes;
constexpr std::size_t control_bytes = sizeof(packet_control_buffer);
constexpr std::size_t payload_offset = control_offset + control_bytes;
static_assert(source_bytes >= sizeof(sockaddr_in6) && control_offset % alignof(cmsghdr) == 0);

/// No multiple of a page: the first lines of the datagrams spread over the cache's sets.
constexpr std::size_t stride_bytes = 65'536 + 576;
constexpr std::size_t buffer_bytes = payload_offset + 65'535;
static_assert(buffer_bytes <= stride_bytes && stride_bytes % alignof(sockaddr_storage) == 0);

}  // namespace

uring_buffers::uring_buffers(uring& ring, std::uint16_t group, unsigned count)
    : count_{count},
      memory_{std::make_unique_for_overwrite<std::byte[]>(count * stride_bytes)},
      ring_{static_cast<io_uring_buf_ring*>(std::aligned_alloc(page_bytes, count * sizeof(io_uring_buf)))} {
    if (ring_ == nullptr) throw std::bad_alloc{};
    io_uring_buf_ring_init(ring_.get());
    io_uring_buf_reg registration{};
    registration.ring_addr = std::bit_cast<std::uintptr_t>(ring_.get());
    registration.ring_entries = count;
    registration.bgid = group;
    const int registered = io_uring_register_buf_ring(ring.get(), &registration, 0);
    if (registered < 0) {
        throw std::system_error{-registered, std::generic_category(),
                                "io_uring lacks rings of buffers (Linux 5.19)"};
    }
    taken_.reserve(count);
    for (unsigned i = 0; i < count; ++i) taken_.push_back(static_cast<std::uint16_t>(i));
    give_back();
}

msghdr* uring_buffers::layout() noexcept {
    static msghdr layout = [] {
        msghdr header{};
        header.msg_namelen = source_bytes;
        header.msg_controllen = control_bytes;
        return header;
    }();
    return &layout;
}

std::byte* uring_buffers::at(std::uint16_t buffer) noexcept {
    return memory_.get() + std::size_t{buffer} * stride_bytes;
}

received_datagram uring_buffers::read(std::uint16_t buffer, std::size_t bytes) noexcept {
    std::byte* const begin = at(buffer);
    io_uring_recvmsg_out header{};
    std::memcpy(&header, begin, sizeof header);
    sockaddr_storage source;
    std::memcpy(&source, begin + source_offset, source_bytes);
    msghdr message{};
    message.msg_control = begin + control_offset;
    message.msg_controllen = header.controllen;
    return {.from = net::from_sockaddr(source, header.namelen).value_or(net::endpoint{}),
            .control = read_packet_control(message),
            .payload = {begin + payload_offset, bytes - payload_offset}};
}

void uring_buffers::give_back() noexcept {
    if (taken_.empty()) return;
    const int mask = io_uring_buf_ring_mask(count_);
    int offset = 0;
    for (const std::uint16_t each : taken_) {
        io_uring_buf_ring_add(ring_.get(), at(each), buffer_bytes, each, mask, offset++);
    }
    io_uring_buf_ring_advance(ring_.get(), offset);
    taken_.clear();
}

}  // namespace turnix::io
