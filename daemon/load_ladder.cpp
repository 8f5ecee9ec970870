#include "daemon/load_ladder.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace turnix::daemon {
namespace {

using contract::load_step;

/// Thousandths, as floating point has no 0.9.
constexpr std::array<std::pair<int, load_step>, 4> rungs{{{0, load_step::none},
                                                          {800, load_step::tls_waits},
                                                          {900, load_step::newcomers_refused},
                                                          {950, load_step::strangers_ignored}}};
constexpr int margin = 20;

/// The highest that is not above.
load_step step_at(int thousandths) noexcept {
    auto at = load_step::none;
    for (const auto& [from, step] : rungs) {
        if (thousandths >= from) at = step;
    }
    return at;
}

}  // namespace

load_step load_ladder::heed(double share) noexcept {
    const auto thousandths = static_cast<int>(std::clamp(share, 0.0, 1.0) * 1'000);
    // Between where it entered a step and where it leaves it, it stays.
    step_ = std::clamp(step_, step_at(thousandths), step_at(thousandths + margin));
    return step_;
}

}  // namespace turnix::daemon
