// The key ring that a running node uses at present. Copies share it. Any thread.
#pragma once

#include "common/credential/key_ring.hpp"

#include <memory>
#include <mutex>
#include <utility>

namespace turnix::credential {

class current_keys {
  public:
    template <class Ring>
    // NOLINTNEXTLINE(google-explicit-constructor): where a ring never changes, it stands for itself.
    current_keys(std::shared_ptr<Ring> ring) : state_{std::make_shared<state>()} {
        state_->ring = std::move(ring);
    }

    /// Never null.
    [[nodiscard]] std::shared_ptr<const key_ring> get() const {
        const std::lock_guard lock{state_->guard};
        return state_->ring;
    }
    /// What get() gives from here on.
    void use(std::shared_ptr<const key_ring> ring) {
        const std::lock_guard lock{state_->guard};
        state_->ring = std::move(ring);
    }

  private:
    struct state {
        std::mutex guard;
        std::shared_ptr<const key_ring> ring;
    };

    std::shared_ptr<state> state_;
};

}  // namespace turnix::credential
