// What was probably meant: the nearest of several names to one that is unknown.
#pragma once

#include <cstddef>
#include <string_view>

namespace turnix::config {

/// How many insertions, deletions and replacements of one character lead from one text to the other.
std::size_t edit_distance(std::string_view from, std::string_view to);

/// The first of the nearest candidates; empty when none is nearer than a third of the text's length.
template <class Range>
std::string_view nearest(std::string_view text, const Range& candidates) {
    std::string_view best;
    auto limit = text.size() / 3 + 2;
    for (const std::string_view candidate : candidates) {
        const auto distance = edit_distance(text, candidate);
        if (distance >= limit) continue;
        best = candidate;
        limit = distance;
    }
    return best;
}

}  // namespace turnix::config
