#include "relay/io/uring.hpp"

#include <cerrno>
#include <cstring>
#include <system_error>

namespace turnix::io {

namespace {

/// Of the requests in use, each newer than those before it.
constexpr unsigned features = IORING_FEAT_NODROP | IORING_FEAT_SUBMIT_STABLE | IORING_FEAT_CQE_SKIP;

const char* why_refused(int error) noexcept {
    switch (error) {
        case EPERM:
            return "io_uring is forbidden (sysctl kernel.io_uring_disabled or a seccomp filter)";
        case ENOSYS:
            return "the kernel or a seccomp filter has no io_uring";
        case EINVAL:
            return "io_uring lacks deferred task work (Linux 6.1)";
        default:
            return "cannot make an io_uring";
    }
}

}  // namespace

uring::uring(const options& wanted) {
    io_uring_params parameters{};
    parameters.flags = IORING_SETUP_CQSIZE | IORING_SETUP_SUBMIT_ALL;
    parameters.cq_entries = wanted.completions;
    if (wanted.thread_bound) {
        parameters.flags |= IORING_SETUP_R_DISABLED | IORING_SETUP_SINGLE_ISSUER |
                            IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_TASKRUN_FLAG;
    }
    const int made = io_uring_queue_init_params(wanted.submissions, &ring_, &parameters);
    if (made < 0) throw std::system_error{-made, std::generic_category(), why_refused(-made)};
    if ((parameters.features & features) == features) return;
    io_uring_queue_exit(&ring_);
    throw std::system_error{ENOTSUP, std::generic_category(), "io_uring lacks features of Linux 5.17"};
}

// liburing 2.3 has a function for it that its library does not export.
void uring::enable() noexcept {
    io_uring_register(static_cast<unsigned>(ring_.ring_fd), IORING_REGISTER_ENABLE_RINGS, nullptr, 0);
}

void uring::signal_through(const file_descriptor& event) {
    const int registered = io_uring_register_eventfd(&ring_, event.get());
    if (registered == 0) return;
    throw std::system_error{-registered, std::generic_category(), "io_uring signals no events"};
}

io_uring_sqe* uring::next_entry() noexcept {
    io_uring_sqe* entry = io_uring_get_sqe(&ring_);
    if (entry == nullptr && submit()) entry = io_uring_get_sqe(&ring_);
    if (entry != nullptr) std::memset(entry, 0, sizeof *entry);
    return entry;
}

bool uring::submit() noexcept {
    while (has_entries()) {
        if (io_uring_submit(&ring_) <= 0) return false;
    }
    return true;
}

io_uring_cqe uring::take_completion() noexcept {
    const io_uring_cqe taken = completion(*ring_.cq.khead);
    io_uring_cq_advance(&ring_, 1);
    return taken;
}

bool uring::holds_last_of(std::uint64_t user_data) const noexcept {
    const unsigned first = *ring_.cq.khead;
    for (unsigned i = 0, ready = completions(); i < ready; ++i) {
        const io_uring_cqe& each = completion(first + i);
        if (each.user_data == user_data && (each.flags & IORING_CQE_F_MORE) == 0) return true;
    }
    return false;
}

}  // namespace turnix::io
