// One client over TCP or TLS: finds the messages in what it sends, and gives it what is queued for it.
//
// Owned by the stream server of its worker, used on that thread. Driven by readiness: whatever becomes ready,
// the connection goes as far as it can in all directions, then waits again. Limits: security.md, "TCP and
// TLS".
#pragma once

#include "common/clock/instant.hpp"
#include "relay/io/byte_channel.hpp"
#include "relay/io/counters.hpp"
#include "relay/io/file_descriptor.hpp"
#include "relay/io/idle_connections.hpp"
#include "relay/io/patience.hpp"
#include "relay/io/stream_opening.hpp"
#include "relay/io/write_queue.hpp"
#include "relay/turn/routes.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace turnix::io {

/// What is left of a client's connection that has stopped being TURN's.
struct raw_stream {
    file_descriptor socket;
    std::unique_ptr<byte_channel> channel;
    std::vector<std::byte> received;  ///< after the last message
    std::vector<std::byte> unsent;    ///< messages that the client has not taken yet
};

/// Who goes on with such a connection.
class stream_successor {
  public:
    stream_successor() = default;
    stream_successor(const stream_successor&) = delete;
    stream_successor& operator=(const stream_successor&) = delete;
    virtual ~stream_successor() = default;

    virtual void take_over(raw_stream client) = 0;
};

/// Implemented by the worker. Calls come on its thread.
class stream_sink {
  public:
    stream_sink() = default;
    stream_sink(const stream_sink&) = delete;
    stream_sink& operator=(const stream_sink&) = delete;
    virtual ~stream_sink() = default;

    /// Messages follow: the moment to read the clock, which is returned.
    virtual monotonic_time on_stream_batch() noexcept = 0;
    /// The message holds until on_stream_batch_end returns. With a successor the stream stops being TURN's:
    /// what follows the message is the successor's, and on_stream_closed is not called.
    [[nodiscard]] virtual std::shared_ptr<stream_successor> on_stream_message(
        const turn::client_path& path, std::span<const std::byte> message) noexcept = 0;
    virtual void on_stream_batch_end() noexcept = 0;
    virtual void on_stream_closed(const turn::client_path& path) noexcept = 0;
    /// Connections without an allocation are closed when idle, and counted by source.
    [[nodiscard]] virtual bool has_allocation(const turn::client_path& path) const noexcept = 0;
};

/// What the connections of a worker share. Outlives them.
struct stream_environment {
    stream_sink& sink;
    stream_counters& counters;
    idle_connections& idle;
    write_queue_limits queue_limits;
    io::patience patience;
    /// What is read into, by whichever connection is at it.
    std::span<std::byte> scratch;
    const tls_context* tls{nullptr};  ///< null when no listener speaks TLS
};

class stream_connection : public std::enable_shared_from_this<stream_connection> {
  public:
    struct parts {
        file_descriptor socket;
        turn::client_path path;  ///< its transport, and behind a proxy its endpoints, show at the opening
        stream_opening opening;
        std::optional<idle_lease> lease;  ///< none behind a proxy
    };
    stream_connection(boost::asio::io_context& context, stream_environment& environment, parts given,
                      monotonic_time now);

    /// Begins to read. Once.
    void start();

    /// Queued, and written by the next flush; dropped and counted when the queue is too long or too old.
    void send_media(monotonic_time now, const message_parts& message);
    void send_answer(monotonic_time now, const message_parts& message);
    void flush(monotonic_time now);

    /// Closes it when its time is up.
    void on_tick(monotonic_time now);
    /// Nothing is read or written after it; the sink is told, once.
    void close();

    [[nodiscard]] bool is_closed() const noexcept { return closed_; }
    [[nodiscard]] const turn::client_path& path() const noexcept { return path_; }

  private:
    enum class phase : std::uint8_t { opening, handshake, first_message, open };

    void advance(monotonic_time now);
    void look_at_opening();
    void become_what_it_opened_as();
    void shake_hands(monotonic_time now);
    void read(monotonic_time now);
    [[nodiscard]] bool leaves_answers(monotonic_time now);
    bool read_once(monotonic_time now);
    /// The rest that is no whole message; nothing when the stream makes no sense.
    std::optional<std::span<const std::byte>> dispatch(std::span<const std::byte> readable);
    void on_messages(monotonic_time now);
    /// It has an allocation, or is one's connection to a peer.
    void stop_being_idle();
    /// Its allocation has ended.
    void become_idle();
    void hand_over(std::span<const std::byte> received);
    void count(admittance outcome) noexcept;
    void fail(stream_event why);
    [[nodiscard]] bool is_out_of_time(monotonic_time now) const noexcept;

    void wait_for(progress wanted);
    void wait_for_read();
    void wait_for_write();
    void resume();

    stream_environment& environment_;
    boost::asio::posix::stream_descriptor descriptor_;
    turn::client_path path_;
    stream_opening opening_;
    std::unique_ptr<byte_channel> channel_;  ///< from the opening on
    std::optional<idle_lease> idle_;         ///< while it has no allocation
    std::shared_ptr<stream_successor> successor_;
    write_queue queue_;
    std::vector<std::byte> partial_;  ///< the begin of a message
    std::size_t missing_{0};          ///< bytes until it is worth looking at `partial_` again
    phase phase_{phase::opening};
    monotonic_time since_;         ///< begin of the phase; then of the last message
    monotonic_time last_written_;  ///< or since when something is queued
    bool waits_for_read_{false};
    bool waits_for_write_{false};
    bool resumes_on_tick_{false};  ///< there was no memory to wait for anything else
    bool closed_{false};
};

}  // namespace turnix::io
