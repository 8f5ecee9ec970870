// How often and how long the simulations run: TURNIX_SIMULATION_SEEDS, _NODES and _MINUTES make the runs
// more, larger and longer; TURNIX_SIMULATION_SEED repeats one.
#pragma once

#include <catch2/catch.hpp>

#include <cstddef>
#include <cstdlib>
#include <string>

namespace turnix::gossip {

inline std::size_t number_from(const char* variable, std::size_t otherwise) {
    const auto* const text = std::getenv(variable);
    return text == nullptr ? otherwise : std::stoul(text);
}

template <class Test>
void for_each_seed(std::size_t usually, const Test& test) {
    const auto only = number_from("TURNIX_SIMULATION_SEED", 0);
    const auto last = only != 0 ? only : number_from("TURNIX_SIMULATION_SEEDS", usually);
    for (auto seed = only != 0 ? only : 1; seed <= last; ++seed) {
        CAPTURE(seed);
        test(seed);
    }
}

}  // namespace turnix::gossip
