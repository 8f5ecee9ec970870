// Datagrams as recvmmsg delivers them, several of them joined in one buffer where the kernel does so
// (UDP_GRO).
//
// Owned by an engine, used on its worker's thread. Allocates when made and never again; memory that no
// datagram was large enough to need is never touched.
#pragma once

#include "common/net/endpoint.hpp"
#include "relay/io/file_descriptor.hpp"
#include "relay/io/packet_control.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include <sys/socket.h>

namespace turnix::io {

struct received_datagram {
    net::endpoint from;
    packet_control control;  ///< its segment_bytes is 0 unless it came joined with others
    std::span<std::byte> payload;
};

class receive_batch {
  public:
    static constexpr std::size_t datagrams_max = 128;

    /// A run of datagrams out of one call.
    struct run {
        std::size_t first{0};
        std::size_t count{0};
        bool failed{false};  ///< for another reason than that nothing was there
    };

    receive_batch();

    [[nodiscard]] std::size_t room() const noexcept { return datagrams_max - used_; }
    /// What was received before may be overwritten from here on.
    void clear() noexcept { used_ = 0; }

    /// Takes what the socket has, at most `limit` and what there is room for; never waits.
    run receive(const file_descriptor& socket, std::size_t limit) noexcept;

    /// Shows each datagram of a run, joined ones apart.
    template <class Show>
    void show_each(const run& of, Show show) noexcept {
        for (std::size_t i = of.first; i < of.first + of.count; ++i) {
            received_datagram datagram = at(i);
            auto rest = datagram.payload;
            const std::size_t segment = datagram.control.segment_bytes;
            if (segment == 0 || segment >= rest.size()) datagram.control.segment_bytes = 0;
            do {
                const bool is_joined = datagram.control.segment_bytes != 0;
                datagram.payload = is_joined ? rest.first(std::min(segment, rest.size())) : rest;
                rest = rest.subspan(datagram.payload.size());
                show(datagram);
            } while (!rest.empty());
        }
    }

  private:
    [[nodiscard]] received_datagram at(std::size_t index) noexcept;
    void prepare(std::size_t index) noexcept;

    std::size_t used_{0};
    std::unique_ptr<std::byte[]> memory_;
    std::vector<mmsghdr> headers_;
    std::vector<iovec> payloads_;
    std::vector<sockaddr_storage> sources_;
    std::vector<packet_control_buffer> control_;
};

}  // namespace turnix::io
