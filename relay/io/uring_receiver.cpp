#include "relay/io/uring_receiver.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/eventfd.h>

namespace turnix::io {

namespace {

/// Requests to receive or to stop it, between two calls.
constexpr unsigned entries = 256;
/// More than there are buffers: sockets that found none report it, too. What is beyond waits in the kernel.
constexpr unsigned completions = 4'096;
constexpr unsigned client_buffers = 256;
constexpr unsigned peer_buffers = 512;

/// One look asks the kernel again while it has more, up to about so many datagrams and calls.
constexpr unsigned enough = client_buffers;
constexpr int asks_max = 32;
constexpr int cancel_asks_max = 1'024;

/// Of requests whose end nobody waits for.
constexpr std::uint64_t nobody = UINT64_MAX;

constexpr std::size_t index_of(uring_receiver::pool value) noexcept {
    return static_cast<std::size_t>(value);
}

}  // namespace

uring_receiver::uring_receiver()
    : event_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)},
      ring_{{.submissions = entries, .completions = completions, .thread_bound = true}},
      buffers_{{{ring_, static_cast<std::uint16_t>(pool::clients), client_buffers},
                {ring_, static_cast<std::uint16_t>(pool::peers), peer_buffers}}} {
    if (!event_.is_open())
        throw std::system_error{errno, std::generic_category(), "cannot wait for io_uring"};
    ring_.signal_through(event_);
}

file_descriptor uring_receiver::event() const {
    file_descriptor copy{::fcntl(event_.get(), F_DUPFD_CLOEXEC, 0)};
    if (!copy.is_open()) throw std::system_error{errno, std::generic_category(), "cannot wait for io_uring"};
    return copy;
}

void uring_receiver::start() noexcept {
    ring_.enable();
    is_running_ = true;
    arm_due();
}

void uring_receiver::stop() noexcept {
    for (std::uint32_t i = 0; i < slots_.size(); ++i) remove(i);
    is_running_ = false;
}

void uring_receiver::make_room(std::uint32_t index) {
    if (index >= slots_.size()) slots_.resize(index + 1);
    if (due_.capacity() < slots_.capacity()) due_.reserve(slots_.capacity());
}

void uring_receiver::add(std::uint32_t index, const file_descriptor& socket, pool from) {
    make_room(index);
    slot& added = slots_[index];
    added.descriptor = socket.get();
    added.from = from;
    added.at = state::due;
    due_.push_back(index);
    // Work that was deferred leads to a look soon, and until then nothing else must be received.
    if (!is_looking_ && !ring_.has_deferred_work()) arm_due();
}

void uring_receiver::remove(std::uint32_t index) noexcept {
    slot& removed = slots_[index];
    if (removed.at == state::due) std::erase(due_, index);
    if (removed.at == state::armed && is_running_) cancel(user_data(index));
    removed.at = state::off;
    ++removed.generation;
}

void uring_receiver::cancel(std::uint64_t of) noexcept {
    io_uring_sqe* const entry = ring_.next_entry();
    if (entry == nullptr) return;
    io_uring_prep_cancel64(entry, of, 0);
    entry->flags = IOSQE_CQE_SKIP_SUCCESS;
    entry->user_data = nobody;
    // It holds the socket until its last completion is there, behind whatever else is to be done.
    for (int asked = 0; asked < cancel_asks_max && !ring_.holds_last_of(of); ++asked) ring_.submit_and_work();
}

void uring_receiver::before_wait() noexcept {
    eventfd_t events = 0;
    ::eventfd_read(event_.get(), &events);
    // What was told of until now may not be done.
    if (ring_.has_deferred_work() || ring_.completions() != 0 || is_behind()) {
        ::eventfd_write(event_.get(), 1);
    }
}

bool uring_receiver::look() noexcept {
    is_looking_ = true;
    for (int asked = 0; asked < asks_max && ring_.has_deferred_work() && ring_.completions() < enough;
         ++asked) {
        ring_.submit_and_work();
    }
    found_ = ring_.completions();
    if (found_ == 0) give_back();
    return found_ != 0;
}

void uring_receiver::give_back() noexcept {
    for (uring_buffers& each : buffers_) each.give_back();
    is_looking_ = false;
    if (is_behind()) arm_due();
}

bool uring_receiver::is_behind() const noexcept { return !due_.empty() || ring_.has_entries(); }

void uring_receiver::arm_due() noexcept {
    if (!is_running_) return;
    while (!due_.empty()) {
        io_uring_sqe* const entry = ring_.next_entry();
        if (entry == nullptr) return;
        const std::uint32_t index = due_.back();
        due_.pop_back();
        slot& armed = slots_[index];
        io_uring_prep_recvmsg_multishot(entry, armed.descriptor, uring_buffers::layout(), 0);
        entry->flags = IOSQE_BUFFER_SELECT;
        entry->buf_group = static_cast<std::uint16_t>(armed.from);
        entry->user_data = user_data(index);
        armed.at = state::armed;
    }
    ring_.submit();
}

uring_receiver::arrival uring_receiver::take() noexcept {
    const io_uring_cqe taken = ring_.take_completion();
    if (taken.user_data == nobody) return {};
    const auto index = static_cast<std::uint32_t>(taken.user_data);
    slot& from = slots_[index];
    // One that was removed meanwhile has nothing to say.
    const bool is_current = taken.user_data == user_data(index) && from.at == state::armed;
    if (is_current && (taken.flags & IORING_CQE_F_MORE) == 0) {
        from.at = state::due;
        due_.push_back(index);
    }
    if ((taken.flags & IORING_CQE_F_BUFFER) == 0) {
        const bool failed = is_current && taken.res < 0 && taken.res != -ENOBUFS;
        return {.kind = failed ? arrival::error : arrival::nothing, .slot = index};
    }
    uring_buffers& buffers = buffers_[index_of(from.from)];
    const auto buffer = static_cast<std::uint16_t>(taken.flags >> IORING_CQE_BUFFER_SHIFT);
    buffers.on_taken(buffer);
    if (!is_current || taken.res < 0) return {};
    return {.kind = arrival::datagram,
            .slot = index,
            .what = buffers.read(buffer, static_cast<std::size_t>(taken.res))};
}

std::uint64_t uring_receiver::user_data(std::uint32_t index) const noexcept {
    return (std::uint64_t{slots_[index].generation} << 32U) | index;
}

}  // namespace turnix::io
