// How often the simulations run: ten times as often at full scale; TURNIX_SIMULATION_SEEDS makes it more, and
// TURNIX_SIMULATION_SEED repeats one.
#pragma once

#include "tests/scale.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <vector>

namespace turnix::gossip {

inline std::size_t number_from(const char* variable, std::size_t otherwise) {
    const auto* const text = std::getenv(variable);
    return text == nullptr ? otherwise : std::stoul(text);
}

/// The least time within which so large a share of the runs was through.
inline std::chrono::milliseconds percentile(std::vector<std::chrono::milliseconds> times, double share) {
    std::ranges::sort(times);
    const auto place = static_cast<std::size_t>(share * static_cast<double>(times.size()));
    return times[std::min(place, times.size() - 1)];
}

template <class Test>
void for_each_seed(std::size_t usually, const Test& test) {
    const auto only = number_from("TURNIX_SIMULATION_SEED", 0);
    const auto seeds = tests::is_full_scale() ? 10 * usually : usually;
    const auto last = only != 0 ? only : number_from("TURNIX_SIMULATION_SEEDS", seeds);
    for (auto seed = only != 0 ? only : 1; seed <= last; ++seed) {
        CAPTURE(seed);
        test(seed);
    }
}

}  // namespace turnix::gossip
