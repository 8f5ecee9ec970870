// Unpredictable bytes in small pieces (session and transaction ids), drawn from the generator in bulk.
//
// One for each worker, used on its thread. Taking does not allocate: Data indications do it per packet.
#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <functional>
#include <span>
#include <utility>

namespace turnix::turn {

class random_pool {
  public:
    explicit random_pool(std::function<void(std::span<std::byte>)> generator)
        : generator_{std::move(generator)} {}

    template <class Bytes>
    [[nodiscard]] Bytes take() {
        Bytes taken{};
        static_assert(sizeof taken <= pool_bytes);
        if (sizeof taken > pool_.size() - used_) refill();
        std::memcpy(taken.data(), pool_.data() + used_, sizeof taken);
        used_ += sizeof taken;
        return taken;
    }

  private:
    static constexpr std::size_t pool_bytes = 1200;

    void refill() {
        generator_(pool_);
        used_ = 0;
    }

    std::function<void(std::span<std::byte>)> generator_;
    std::array<std::byte, pool_bytes> pool_{};
    std::size_t used_{pool_bytes};
};

}  // namespace turnix::turn
