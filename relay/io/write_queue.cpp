#include "relay/io/write_queue.hpp"

#include <cassert>

namespace turnix::io {

namespace {
/// An idle connection keeps no more than this.
constexpr std::size_t idle_capacity_max = 16'384;
}  // namespace

bool write_queue::push_media(monotonic_time now, const message_parts& message) {
    if (!marks_.empty() && now - marks_.front().at > limits_.age_max) return false;
    return push_answer(now, message);
}

bool write_queue::push_answer(monotonic_time now, const message_parts& message) {
    if (!has_room(message.bytes())) return false;
    bytes_.insert(bytes_.end(), message.header.begin(), message.header.end());
    bytes_.insert(bytes_.end(), message.payload.begin(), message.payload.end());
    bytes_.insert(bytes_.end(), message.padding, std::byte{0});
    const std::uint64_t end = consumed_ + front().size();
    if (!marks_.empty() && marks_.back().at == now) {
        marks_.back().end = end;
    } else {
        marks_.push_back({.end = end, .at = now});
    }
    return true;
}

bool write_queue::has_room(std::size_t bytes) const noexcept {
    const std::size_t waiting = front().size();
    return waiting <= limits_.bytes_max && bytes <= limits_.bytes_max - waiting;
}

void write_queue::consume(std::size_t count) noexcept {
    assert(count <= front().size());
    written_ += count;
    consumed_ += count;
    while (!marks_.empty() && marks_.front().end <= consumed_) marks_.pop_front();
    if (empty()) {
        bytes_.clear();
        written_ = 0;
        if (bytes_.capacity() > idle_capacity_max) bytes_.shrink_to_fit();
    } else if (written_ > bytes_.size() / 2) {
        bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(written_));
        written_ = 0;
    }
}

}  // namespace turnix::io
