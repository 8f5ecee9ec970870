// Members drawn at random: whom to probe, to ask and to tell. Owner's thread.
#pragma once

#include "api/fleet/gossip/acquaintances.hpp"
#include "api/fleet/gossip/member_table.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace turnix::gossip {

class member_draw {
  public:
    explicit member_draw(random_source random) : random_{std::move(random)} {}

    /// So many that fulfil it, or all that do.
    template <class Wanted>
    [[nodiscard]] std::vector<const member*> operator()(std::span<const member> of, std::size_t count,
                                                        const Wanted& wanted) {
        std::vector<const member*> drawn;
        for (const auto& each : of) {
            if (wanted(each)) drawn.push_back(&each);
        }
        count = std::min(count, drawn.size());
        for (std::size_t i = 0; i < count; ++i) std::swap(drawn[i], drawn[i + below(drawn.size() - i)]);
        drawn.resize(count);
        return drawn;
    }

  private:
    [[nodiscard]] std::size_t below(std::size_t count) {
        std::array<std::byte, sizeof(std::uint64_t)> drawn{};
        random_(drawn);
        return static_cast<std::size_t>(std::bit_cast<std::uint64_t>(drawn) % count);
    }

    random_source random_;
};

}  // namespace turnix::gossip
