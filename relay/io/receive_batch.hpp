// Datagrams as recvmmsg delivers them.
//
// Owned by an engine, used on its worker's thread. Allocates when made and never again; memory that no
// datagram was large enough to need is never touched.
#pragma once

#include "relay/io/file_descriptor.hpp"
#include "relay/io/packet_control.hpp"
#include "relay/io/received_datagram.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include <sys/socket.h>

namespace turnix::io {

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

    /// As they came: joined ones are one.
    [[nodiscard]] std::span<const received_datagram> datagrams(const run& of) const noexcept {
        return std::span{received_}.subspan(of.first, of.count);
    }

    /// Shows each datagram of a run, joined ones apart.
    template <class Show>
    void show_each(const run& of, Show show) const noexcept {
        for (const received_datagram& datagram : datagrams(of)) show_apart(datagram, show);
    }

  private:
    [[nodiscard]] received_datagram read(std::size_t index) noexcept;
    void prepare(std::size_t index) noexcept;

    std::size_t used_{0};
    std::unique_ptr<std::byte[]> memory_;
    std::vector<mmsghdr> headers_;
    std::vector<iovec> payloads_;
    std::vector<sockaddr_storage> sources_;
    std::vector<packet_control_buffer> control_;
    std::vector<received_datagram> received_;
};

}  // namespace turnix::io
