// Framed messages that wait for a client's connection to take them: whole messages in order, bounded by bytes
// and, for media, by age. A full queue refuses the newest; what it has taken is never cut, and where each
// message ends is remembered until it has been written.
//
// Owned by a connection, used on its worker's thread. Empty, it keeps a small buffer at most.
#pragma once

#include "common/clock/instant.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

namespace turnix::io {

struct write_queue_limits {
    std::size_t bytes_max{262'144};
    std::chrono::milliseconds age_max{500};  ///< of the oldest byte, when media is added
};

/// One message in the parts it is made of; `padding` zero bytes follow the payload.
struct message_parts {
    std::span<const std::byte> header;
    std::span<const std::byte> payload;
    std::uint8_t padding{0};

    [[nodiscard]] std::size_t bytes() const noexcept { return header.size() + payload.size() + padding; }
};

enum class admittance : std::uint8_t {
    taken,
    full,  ///< refused whole: beyond `bytes_max`, or there is no memory
    late,  ///< refused whole: what waits is older than `age_max`
};

class write_queue {
  public:
    explicit write_queue(const write_queue_limits& limits) : limits_{limits} {}

    /// Media is worth nothing late, answers are.
    [[nodiscard]] admittance push_media(monotonic_time now, const message_parts& message) noexcept;
    [[nodiscard]] admittance push_answer(monotonic_time now, const message_parts& message) noexcept;

    [[nodiscard]] bool empty() const noexcept { return written_ == bytes_.size(); }
    [[nodiscard]] std::size_t waiting_bytes() const noexcept { return bytes_.size() - written_; }
    /// What is to be written next.
    [[nodiscard]] std::span<const std::byte> front() const noexcept {
        return std::span{bytes_}.subspan(written_);
    }
    /// The part of it that belongs to the oldest message. Not to be asked of an empty queue.
    [[nodiscard]] std::span<const std::byte> front_message() const noexcept {
        return front().first(static_cast<std::size_t>(messages_.front().end - consumed_));
    }
    /// So many bytes of the front have been written.
    void consume(std::size_t count) noexcept;

  private:
    struct waiting_message {
        std::uint64_t end;  ///< its position in the stream
        monotonic_time came;
    };
    [[nodiscard]] bool has_room(std::size_t bytes) const noexcept;

    write_queue_limits limits_;
    std::vector<std::byte> bytes_;
    std::size_t written_{0};     ///< of bytes_
    std::uint64_t consumed_{0};  ///< of the stream, since its begin
    std::deque<waiting_message> messages_;
};

}  // namespace turnix::io
