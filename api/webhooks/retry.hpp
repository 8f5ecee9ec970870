// When a delivery that failed is tried again: 5 s, 10 s, 20 s, … up to an hour apart, for 24 hours in all.
#pragma once

#include "api/model/webhook.hpp"

#include <string>

namespace turnix::webhooks {

inline constexpr std::chrono::hours tried_for{24};
inline constexpr std::chrono::seconds first_wait{5};
inline constexpr std::chrono::hours longest_wait{1};

/// What a try came to.
struct delivery_outcome {
    std::optional<std::int64_t> status;  ///< HTTP, when there was an answer
    std::string fault;                   ///< otherwise why there was none

    [[nodiscard]] bool succeeded() const noexcept { return status && *status >= 200 && *status < 300; }
};

/// The delivery after one more try. `jitter` is from 0 to 1 and moves the next try by at most a quarter.
model::delivery after_try(model::delivery tried, const delivery_outcome& outcome, wall_time now,
                          double jitter);
/// The same delivery anew: due now, for another 24 hours.
model::delivery replayed(model::delivery earlier, wall_time now);

}  // namespace turnix::webhooks
