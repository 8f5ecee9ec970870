#include "relay/io/write_queue.hpp"

#include <cassert>
#include <new>

namespace turnix::io {

namespace {
/// An idle connection keeps no more than this.
constexpr std::size_t idle_capacity_max = 16'384;
}  // namespace

admittance write_queue::push_media(monotonic_time now, const message_parts& message) noexcept {
    if (!messages_.empty() && now - messages_.front().came > limits_.age_max) return admittance::late;
    return push_answer(now, message);
}

admittance write_queue::push_answer(monotonic_time now, const message_parts& message) noexcept {
    if (!has_room(message.bytes())) return admittance::full;
    const auto before = bytes_.size();
    try {
        bytes_.insert(bytes_.end(), message.header.begin(), message.header.end());
        bytes_.insert(bytes_.end(), message.payload.begin(), message.payload.end());
        bytes_.insert(bytes_.end(), message.padding, std::byte{0});
        messages_.push_back({.end = consumed_ + front().size(), .came = now});
    } catch (const std::bad_alloc&) {
        bytes_.resize(before);
        return admittance::full;
    }
    return admittance::taken;
}

bool write_queue::has_room(std::size_t bytes) const noexcept {
    const std::size_t waiting = waiting_bytes();
    return waiting <= limits_.bytes_max && bytes <= limits_.bytes_max - waiting;
}

void write_queue::consume(std::size_t count) noexcept {
    assert(count <= front().size());
    written_ += count;
    consumed_ += count;
    while (!messages_.empty() && messages_.front().end <= consumed_) messages_.pop_front();
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
