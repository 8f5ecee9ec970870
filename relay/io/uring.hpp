// A pair of rings that the kernel shares with this process (io_uring): what is asked of it goes into one,
// what came of it comes out of the other. A thin face of liburing.
//
// Not for several threads at once. Made with thread_bound, it belongs to the thread that enables it.
#pragma once

#include "relay/io/file_descriptor.hpp"

#include <atomic>
#include <cstdint>

#include <liburing.h>

namespace turnix::io {

class uring {
  public:
    struct options {
        unsigned submissions;
        unsigned completions;
        /// The kernel does what is left of its work when the thread that enables the ring asks it to, and
        /// never in between (IORING_SETUP_DEFER_TASKRUN).
        bool thread_bound;
    };

    /// Throws std::system_error that says what the kernel lacks.
    explicit uring(const options& wanted);
    uring(const uring&) = delete;
    uring& operator=(const uring&) = delete;
    ~uring() { io_uring_queue_exit(&ring_); }

    [[nodiscard]] io_uring* get() noexcept { return &ring_; }

    /// For what is thread_bound: this thread's from here on.
    void enable() noexcept;
    /// Lets completions and deferred work write to an event descriptor. Throws std::system_error.
    void signal_through(const file_descriptor& event);

    /// A zeroed entry to fill; full rings are submitted first. Null when the kernel takes nothing at this
    /// moment.
    [[nodiscard]] io_uring_sqe* next_entry() noexcept;
    [[nodiscard]] bool has_entries() const noexcept { return io_uring_sq_ready(&ring_) != 0; }
    /// Shows the entries that the kernel has not taken, which may be changed.
    template <class Change>
    void for_each_entry(Change change) noexcept {
        const unsigned first = *ring_.sq.khead;
        for (unsigned i = 0, waiting = io_uring_sq_ready(&ring_); i < waiting; ++i) {
            change(ring_.sq.sqes[(first + i) & ring_.sq.ring_mask]);
        }
    }
    /// Gives the kernel all entries; false when it does not take them.
    bool submit() noexcept;
    /// The same, and lets it do deferred work.
    void submit_and_work() noexcept { io_uring_submit_and_get_events(&ring_); }

    [[nodiscard]] bool has_deferred_work() const noexcept {
        const auto flags = std::atomic_ref{*ring_.sq.kflags}.load(std::memory_order_relaxed);
        return (flags & (IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW)) != 0;
    }
    [[nodiscard]] unsigned completions() const noexcept { return io_uring_cq_ready(&ring_); }
    /// The oldest completion, taken; there is one.
    [[nodiscard]] io_uring_cqe take_completion() noexcept;
    /// Is the last completion of a request in the ring?
    [[nodiscard]] bool holds_last_of(std::uint64_t user_data) const noexcept;

  private:
    [[nodiscard]] const io_uring_cqe& completion(unsigned position) const noexcept {
        return ring_.cq.cqes[position & ring_.cq.ring_mask];
    }

    io_uring ring_{};
};

}  // namespace turnix::io
