// What holds on this node and may change while it runs, on its way from the control side to the workers: each
// looks when it is told, and at every tick, since what it is told may be lost for want of memory. Any thread.
#pragma once

#include "common/contract/override_set.hpp"
#include "common/contract/relay_settings.hpp"
#include "common/credential/key_ring.hpp"

#include <memory>
#include <mutex>
#include <utility>

namespace turnix::relay {

template <class Value>
class published {
  public:
    void publish(std::shared_ptr<const Value> value) {
        const std::lock_guard lock{guard_};
        newest_ = std::move(value);
    }
    /// Null until the first.
    [[nodiscard]] std::shared_ptr<const Value> newest() const {
        const std::lock_guard lock{guard_};
        return newest_;
    }

  private:
    mutable std::mutex guard_;
    std::shared_ptr<const Value> newest_;
};

/// Settings and keys as they have changed since the workers were made.
struct published_rules {
    published<contract::relay_settings> settings;
    published<credential::key_ring> keys;
    published<contract::override_set> overrides;
};

/// What a worker has taken over of it.
struct rules_in_use {
    std::shared_ptr<const contract::relay_settings> settings;
    std::shared_ptr<const credential::key_ring> keys;
    std::shared_ptr<const contract::override_set> overrides;
};

/// Of several in a row the first look takes them all. What `use` throws leaves the newest for the next look.
template <class Value, class Use>
void take_newest(const published<Value>& from, std::shared_ptr<const Value>& in_use, Use use) {
    auto newest = from.newest();
    if (newest == in_use) return;
    use(newest);
    in_use = std::move(newest);
}

}  // namespace turnix::relay
