// The overrides that hold on this node, on their way from the control side to the workers. Any thread.
#pragma once

#include "common/contract/override_set.hpp"

#include <memory>
#include <mutex>
#include <utility>

namespace turnix::relay {

class published_overrides {
  public:
    void publish(std::shared_ptr<const contract::override_set> overrides) {
        const std::lock_guard lock{guard_};
        newest_ = std::move(overrides);
    }
    [[nodiscard]] std::shared_ptr<const contract::override_set> newest() const {
        const std::lock_guard lock{guard_};
        return newest_;
    }

  private:
    mutable std::mutex guard_;
    std::shared_ptr<const contract::override_set> newest_;
};

}  // namespace turnix::relay
