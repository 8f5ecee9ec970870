#include "api/webhooks/retry.hpp"

#include <algorithm>
#include <utility>

namespace turnix::webhooks {

namespace {

constexpr double jitter_share = 0.25;

std::chrono::milliseconds wait_after(std::int64_t attempts, double jitter) {
    constexpr std::int64_t doublings_max = 10;  // beyond the longest wait
    const auto doublings = std::clamp<std::int64_t>(attempts - 1, 0, doublings_max);
    const auto wait =
        std::min<std::chrono::milliseconds>(first_wait * (std::int64_t{1} << doublings), longest_wait);
    const auto share = static_cast<double>(wait.count()) * jitter_share * jitter;
    return wait + std::chrono::milliseconds{static_cast<std::int64_t>(share)};
}

}  // namespace

model::delivery after_try(model::delivery tried, const delivery_outcome& outcome, wall_time now,
                          double jitter) {
    ++tried.attempts;
    tried.last_status = outcome.status;
    tried.last_fault = outcome.status ? std::nullopt : std::optional{outcome.fault};
    tried.due_at.reset();
    if (outcome.succeeded()) {
        tried.delivered_at = now;
        return tried;
    }
    const auto next = now + wait_after(tried.attempts, jitter);
    if (next <= tried.give_up_at) tried.due_at = next;
    return tried;
}

model::delivery replayed(model::delivery earlier, wall_time now) {
    earlier.attempts = 0;
    earlier.due_at = now;
    earlier.give_up_at = now + tried_for;
    earlier.delivered_at.reset();
    return earlier;
}

}  // namespace turnix::webhooks
