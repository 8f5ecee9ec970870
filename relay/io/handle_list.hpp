// Which relay handles of an engine are free: small numbers, used again, but not before the batch in which
// they were closed has left. Owned by an engine, used on its worker's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace turnix::io {

class handle_list {
  public:
    /// The handle that take gives next. One that was never given before is the count of those that were.
    [[nodiscard]] std::uint32_t next() const noexcept { return free_.empty() ? count_ : free_.back(); }
    /// Without memory it throws, and nothing has changed.
    void take() {
        if (free_.empty()) {
            // As many may come back at once as there are: to give one back takes no memory.
            if (free_.capacity() <= count_) free_.reserve(2 * std::size_t{count_} + 1);
            if (retired_.capacity() <= count_) retired_.reserve(2 * std::size_t{count_} + 1);
            ++count_;
        } else {
            free_.pop_back();
        }
    }
    void retire(std::uint32_t handle) noexcept { retired_.push_back(handle); }
    /// The batch has left: what was retired is free.
    void renew() noexcept {
        free_.insert(free_.end(), retired_.begin(), retired_.end());
        retired_.clear();
    }

  private:
    std::uint32_t count_{0};
    std::vector<std::uint32_t> free_;
    std::vector<std::uint32_t> retired_;
};

}  // namespace turnix::io
