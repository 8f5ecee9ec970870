#include "common/config/spelling.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace turnix::config {

std::size_t edit_distance(std::string_view from, std::string_view to) {
    // One row of the Wagner-Fischer table at a time.
    std::vector<std::size_t> row(to.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < from.size(); ++i) {
        auto diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < to.size(); ++j) {
            const auto replaced = diagonal + (from[i] == to[j] ? 0U : 1U);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row.back();
}

}  // namespace turnix::config
