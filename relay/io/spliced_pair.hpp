// A client's data connection and the connection with its peer, once they are bound (RFC 6062 §5.4, §5.5):
// bytes go both ways as they come.
//
// Driven by readiness on the thread of the worker that the client's connection came to. Back-pressure: what
// one side does not take is held, and nothing more is read from the other until it is gone, so that a
// direction never holds more than one read. The end of one direction is passed on as such; when both have
// ended, or one side fails, or the allocation ends, both connections are closed.
#pragma once

#include "common/clock/instant.hpp"
#include "relay/io/byte_channel.hpp"
#include "relay/io/file_descriptor.hpp"
#include "relay/io/peer_socket.hpp"
#include "relay/io/stream_connection.hpp"
#include "relay/turn/connection_meter.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace turnix::io {

/// With one direction ended, and nothing moving in the other: then the pair is closed.
inline constexpr std::chrono::seconds half_closed_patience{60};

class spliced_pair final : public stream_successor, public std::enable_shared_from_this<spliced_pair> {
  public:
    /// What is read into, by whichever pair is at it, outlives it.
    spliced_pair(boost::asio::io_context& context, std::span<std::byte> scratch, file_descriptor peer,
                 std::shared_ptr<turn::connection_meter> meter);

    /// The client's connection; bytes flow from here on. Once.
    void take_over(raw_stream client) override;

    /// Closes it when the allocation has ended, or its time is up.
    void on_tick(monotonic_time now);
    void close();
    [[nodiscard]] bool is_closed() const noexcept { return closed_; }

  private:
    struct side {
        explicit side(boost::asio::io_context& context) : descriptor{context} {}

        boost::asio::posix::stream_descriptor descriptor;
        std::unique_ptr<byte_channel> channel;
        bool waits_for_read{false};
        bool waits_for_write{false};
    };
    struct direction {
        side& from;
        side& to;
        std::vector<std::byte> held;  ///< read, and not taken yet
        std::size_t passed_on{0};     ///< of `held`
        bool source_ended{false};
        bool ended{false};
    };

    void attach(side& to, raw_stream& from);
    void advance();
    void pump(direction& along);
    /// False when it has to wait, or has come to its end.
    bool pump_once(direction& along);
    /// False when not everything could be written.
    bool pass_on_held(direction& along);
    /// How many bytes were taken; all, or it waits for more room, or is closed.
    std::size_t write(side& to, std::span<const std::byte> bytes);
    [[nodiscard]] bool count(const direction& along, std::size_t bytes) noexcept;

    void wait_for(side& at, progress wanted);
    void wait_for_read(side& at);
    void wait_for_write(side& at);
    void resume();

    std::span<std::byte> scratch_;
    std::shared_ptr<turn::connection_meter> meter_;
    side client_;
    side peer_;
    direction up_{.from = client_, .to = peer_, .held = {}};
    direction down_{.from = peer_, .to = client_, .held = {}};
    std::optional<monotonic_time> still_since_;  ///< the first tick with nothing moved
    bool comes_back_{false};
    bool closed_{false};
};

}  // namespace turnix::io
