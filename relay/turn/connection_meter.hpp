// What one TCP connection with a peer has relayed, and whether it goes on (RFC 6062): all that the worker of
// its allocation and the worker that serves it tell each other.
//
// Shared by the two, any thread, no lock. Exact: a byte is counted before it is passed on, and once either
// side has ended the connection none is counted, so that what the owner reads then is final.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace turnix::turn {

/// Payload in each direction. Uplink: client to peer.
struct relayed_bytes {
    std::uint64_t uplink{0};
    std::uint64_t downlink{0};
};

class connection_meter {
  public:
    /// False: the connection has ended, and the bytes are not to be passed on.
    [[nodiscard]] bool count_uplink(std::size_t bytes) noexcept { return count(uplink_, bytes); }
    [[nodiscard]] bool count_downlink(std::size_t bytes) noexcept { return count(downlink_, bytes); }

    void end() noexcept {
        uplink_.fetch_or(ended_bit);
        downlink_.fetch_or(ended_bit);
    }
    [[nodiscard]] bool has_ended() const noexcept { return (downlink_.load() & ended_bit) != 0; }

    [[nodiscard]] relayed_bytes total() const noexcept {
        return {.uplink = uplink_.load() & ~ended_bit, .downlink = downlink_.load() & ~ended_bit};
    }

  private:
    static constexpr std::uint64_t ended_bit = std::uint64_t{1} << 63U;

    static bool count(std::atomic<std::uint64_t>& sum, std::size_t bytes) noexcept {
        auto seen = sum.load();
        while ((seen & ended_bit) == 0) {
            if (sum.compare_exchange_weak(seen, seen + bytes)) return true;
        }
        return false;
    }

    std::atomic<std::uint64_t> uplink_{0};
    std::atomic<std::uint64_t> downlink_{0};
};

}  // namespace turnix::turn
