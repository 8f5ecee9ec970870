#include "relay/io/uring_carrier.hpp"

#include "relay/io/send_batch.hpp"

#include <algorithm>
#include <cerrno>

namespace turnix::io {

namespace {
/// Of requests that were withdrawn.
constexpr std::uint64_t nobody = UINT64_MAX;
}  // namespace

uring_carrier::uring_carrier()
    : ring_{{.submissions = send_batch::datagrams_max,
             .completions = 2 * send_batch::datagrams_max,
             .thread_bound = false}} {
    refused_.reserve(send_batch::datagrams_max);
}

void uring_carrier::add(const file_descriptor& through, const msghdr& message) noexcept {
    if (added_ == 0) refused_.clear();
    const std::uint32_t index = added_++;
    io_uring_sqe* const entry = ring_.next_entry();
    if (entry == nullptr) {
        refused_.push_back({.message = index, .error = ENOBUFS});
        return;
    }
    io_uring_prep_sendmsg(entry, through.get(), &message, MSG_DONTWAIT);
    // Only what fails is told of.
    entry->flags = IOSQE_CQE_SKIP_SUCCESS;
    entry->user_data = index;
}

std::span<const message_carrier::refusal> uring_carrier::carry() noexcept {
    if (!ring_.submit()) withdraw();
    for (unsigned left = ring_.completions(); left != 0; --left) {
        const io_uring_cqe failed = ring_.take_completion();
        if (failed.user_data == nobody) continue;
        refused_.push_back({.message = static_cast<std::uint32_t>(failed.user_data), .error = -failed.res});
    }
    std::ranges::sort(refused_, {}, &refusal::message);
    added_ = 0;
    return refused_;
}

void uring_carrier::withdraw() noexcept {
    ring_.for_each_entry([this](io_uring_sqe& entry) {
        if (entry.user_data == nobody) return;
        refused_.push_back({.message = static_cast<std::uint32_t>(entry.user_data), .error = ENOBUFS});
        entry = {};
        entry.opcode = IORING_OP_NOP;
        entry.user_data = nobody;
    });
}

}  // namespace turnix::io
