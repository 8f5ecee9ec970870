#include "relay/crossing_inbox.hpp"

#include <utility>
#include <variant>

namespace turnix::relay {

bool crossing_inbox::push(turn::crossing what) {
    const std::scoped_lock lock{guard_};
    if (std::holds_alternative<turn::asked_from_afar>(what) && ++requests_ > requests_max) {
        requests_ = requests_max;
        return false;
    }
    waiting_.push_back(std::move(what));
    return waiting_.size() == 1;
}

std::vector<turn::crossing> crossing_inbox::take() {
    const std::scoped_lock lock{guard_};
    requests_ = 0;
    return std::exchange(waiting_, {});
}

}  // namespace turnix::relay
