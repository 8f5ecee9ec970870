// Sockets from which the kernel receives by itself, into buffers that it was given (io_uring: multishot
// recvmsg, rings of provided buffers): each datagram costs a place in a ring instead of a share of a call.
//
// All of it happens within look, so that between two looks everything that has come waits in its socket.
// There are two pools of buffers, so that busy peers leave some to the clients.
//
// Owned by an engine, used on its worker's thread from start to stop; made and ended on any. Nothing is
// allocated for a datagram; buffers that no datagram was large enough to need are never touched.
#pragma once

#include "relay/io/file_descriptor.hpp"
#include "relay/io/received_datagram.hpp"
#include "relay/io/uring.hpp"
#include "relay/io/uring_buffers.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <sys/socket.h>

namespace turnix::io {

class uring_receiver {
  public:
    enum class pool : std::uint16_t { clients, peers };

    /// Throws std::system_error that says what the kernel lacks.
    uring_receiver();

    /// Readable when a look is worth while. Throws std::system_error.
    [[nodiscard]] file_descriptor event() const;
    void start() noexcept;
    /// Lets go of every socket.
    void stop() noexcept;

    /// For a socket under that number. Without memory it throws, and nothing has changed.
    void make_room(std::uint32_t slot);
    /// What comes to `socket` is shown under `slot`, a small number that is free. It does not throw where
    /// room was made for it.
    void add(std::uint32_t slot, const file_descriptor& socket, pool from);
    /// Nothing more is shown under `slot`. What comes from here on waits in the socket, and nobody else holds
    /// it.
    void remove(std::uint32_t slot) noexcept;

    /// No look follows before the next event.
    void before_wait() noexcept;
    /// Lets the kernel receive; false when nothing has come.
    [[nodiscard]] bool look() noexcept;
    /// Shows what the last look brought: show(slot, datagram), and fail(slot) where the socket reports an
    /// error instead.
    template <class Show, class Fail>
    void show_each(Show show, Fail fail) noexcept {
        for (; found_ != 0; --found_) {
            const arrival arrived = take();
            if (arrived.kind == arrival::datagram) show(arrived.slot, arrived.what);
            if (arrived.kind == arrival::error) fail(arrived.slot);
        }
    }
    /// What was shown may be overwritten from here on.
    void give_back() noexcept;

  private:
    /// What the kernel does with a socket: nothing; nothing yet; receives from it.
    enum class state : std::uint8_t { off, due, armed };
    struct slot {
        int descriptor{-1};
        pool from{pool::clients};
        state at{state::off};
        std::uint32_t generation{0};
    };
    struct arrival {
        enum : std::uint8_t { nothing, datagram, error } kind{nothing};
        std::uint32_t slot{0};
        received_datagram what{};
    };

    void arm_due() noexcept;
    /// Is there something that the kernel has not been asked, or did not take?
    [[nodiscard]] bool is_behind() const noexcept;
    void cancel(std::uint64_t user_data) noexcept;
    [[nodiscard]] arrival take() noexcept;
    [[nodiscard]] std::uint64_t user_data(std::uint32_t slot) const noexcept;

    file_descriptor event_;
    uring ring_;
    std::array<uring_buffers, 2> buffers_;  ///< by pool
    std::vector<slot> slots_;
    std::vector<std::uint32_t> due_;  ///< slots, of which the last is armed first
    unsigned found_{0};
    bool is_running_{false};
    bool is_looking_{false};
};

}  // namespace turnix::io
