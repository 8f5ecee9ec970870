#include "relay/turn/timer_wheel.hpp"

#include <algorithm>
#include <cassert>
#include <chrono>

namespace turnix::turn {

using std::chrono::ceil;
using std::chrono::floor;
using std::chrono::seconds;

timer_wheel::timer_wheel(std::uint32_t timers_max)
    : timers_max_{timers_max}, nodes_(std::size_t{timers_max} + buckets + 1) {
    for (std::uint32_t i = 0; i < nodes_.size(); ++i) nodes_[i] = {.next = i, .previous = i, .due_at = 0};
}

void timer_wheel::schedule(std::uint32_t timer, monotonic_time deadline) noexcept {
    assert(timer < timers_max_);
    unlink(timer);
    const auto rounded_up = second{ceil<seconds>(deadline.time_since_epoch()).count()};
    nodes_[timer].due_at = std::max(rounded_up, expired_until_ + 1);
    append(bucket_of(nodes_[timer].due_at), timer);
}

void timer_wheel::cancel(std::uint32_t timer) noexcept {
    assert(timer < timers_max_);
    unlink(timer);
}

std::uint32_t timer_wheel::bucket_of(second at) const noexcept {
    return timers_max_ + static_cast<std::uint32_t>(at % buckets);
}

std::uint32_t timer_wheel::due_head() const noexcept { return timers_max_ + buckets; }

// What is in no list is a circle of its own, so that this does no harm to it.
void timer_wheel::unlink(std::uint32_t timer) noexcept {
    auto& unlinked = nodes_[timer];
    nodes_[unlinked.previous].next = unlinked.next;
    nodes_[unlinked.next].previous = unlinked.previous;
    unlinked.next = unlinked.previous = timer;
}

void timer_wheel::append(std::uint32_t head, std::uint32_t timer) noexcept {
    const auto last = nodes_[head].previous;
    nodes_[timer].next = head;
    nodes_[timer].previous = last;
    nodes_[last].next = timer;
    nodes_[head].previous = timer;
}

void timer_wheel::collect_due(monotonic_time now) noexcept {
    const auto until = second{floor<seconds>(now.time_since_epoch()).count()};
    // However far the clock jumped, one turn sees every bucket.
    const auto first = std::max(expired_until_, until - buckets) + 1;
    for (auto at = first; at <= until; ++at) collect_from(bucket_of(at), until);
    expired_until_ = std::max(expired_until_, until);
}

void timer_wheel::collect_from(std::uint32_t bucket, second until) noexcept {
    for (auto timer = nodes_[bucket].next; timer != bucket;) {
        const auto following = nodes_[timer].next;
        if (nodes_[timer].due_at <= until) {
            unlink(timer);
            append(due_head(), timer);
        }
        timer = following;
    }
}

std::optional<std::uint32_t> timer_wheel::take_due() noexcept {
    const auto first = nodes_[due_head()].next;
    if (first == due_head()) return std::nullopt;
    unlink(first);
    return first;
}

}  // namespace turnix::turn
