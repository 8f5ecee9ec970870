// Which counters of one sender have been seen: a sliding window, as in RFC 4303 §3.4.3. Plain value.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>

namespace turnix::gossip {

class replay_window {
  public:
    static constexpr std::size_t width = 1'024;

    /// `first` has been seen, and with it everything before.
    explicit replay_window(std::uint64_t first) noexcept : highest_{first} { seen_.set(); }

    /// True once for each counter; false as well for one that is too old to tell.
    [[nodiscard]] bool take(std::uint64_t counter) noexcept {
        if (counter > highest_) {
            const auto ahead = counter - highest_;
            seen_ = ahead < width ? seen_ << static_cast<std::size_t>(ahead) : std::bitset<width>{};
            highest_ = counter;
            seen_.set(0);
            return true;
        }
        const auto behind = highest_ - counter;
        if (behind >= width || seen_.test(static_cast<std::size_t>(behind))) return false;
        seen_.set(static_cast<std::size_t>(behind));
        return true;
    }

  private:
    std::uint64_t highest_;
    std::bitset<width> seen_;  ///< bit n: highest - n
};

}  // namespace turnix::gossip
