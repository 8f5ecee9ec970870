#include "relay/event_queue.hpp"

#include <algorithm>
#include <iterator>
#include <new>
#include <utility>
#include <variant>

namespace turnix::relay {

void event_queue::on_session_event(contract::session_event event) noexcept {
    advance();
    if (backlog_.empty() && ring_.push(event)) return;
    if (std::holds_alternative<contract::session_progress>(event)) return;
    try {
        backlog_.push_back(std::move(event));
    } catch (const std::bad_alloc&) {
        ++lost_;
    }
}

void event_queue::advance() {
    while (!backlog_.empty() && ring_.push(backlog_.front())) backlog_.pop_front();
}

void event_queue::take(std::vector<contract::session_event>& into) {
    const bool finished = finished_.load(std::memory_order_acquire);
    const auto there = ring_.read_available();
    into.reserve(into.size() + there);  // without memory all stays where it is
    for (std::size_t taken = 0; taken < there; ++taken) {
        ring_.consume_one([&into](contract::session_event& event) { into.push_back(std::move(event)); });
    }
    if (!finished) return;
    std::ranges::move(backlog_, std::back_inserter(into));
    backlog_.clear();
}

}  // namespace turnix::relay
