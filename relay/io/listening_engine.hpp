// What the engines have in common: the listeners that clients send to, what waits to leave, the counters, and
// the way the loop turns.
//
// Asio waits for a single descriptor, which is ready when the engine has something to do, and runs the
// engine. It then looks again and again, so that one wake-up serves all that has come; a budget of looks lets
// timers and streams have their turn.
//
// Owned by a worker, used on its thread only.
#pragma once

#include "relay/io/datagram_engine.hpp"
#include "relay/io/received_datagram.hpp"
#include "relay/io/send_batch.hpp"
#include "relay/io/wake_up_pacer.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <cstdint>
#include <memory>
#include <vector>

namespace turnix::io {

class listening_engine : public datagram_engine {
  public:
    void start(datagram_sink& sink) override;

    void send_to_client(const turn::to_client& how, std::span<const std::byte> payload) noexcept override;
    void send_reply(const turn::client_path& path, std::span<const std::byte> message) noexcept override;

    [[nodiscard]] datagram_totals counters() const noexcept override { return counters_.totals(); }

  protected:
    struct listener {
        datagram_socket socket;
        net::endpoint address;
        bool any_address{false};
    };

    /// `ready` is what Asio waits for.
    listening_engine(boost::asio::io_context& context, file_descriptor ready,
                     std::vector<datagram_listener> listeners, const wake_up_pacer& pacer,
                     std::unique_ptr<message_carrier> carrier = nullptr);

    /// The looks that followed an event are over.
    virtual void before_wait() noexcept {}
    /// One look; false when there was nothing to do.
    virtual bool serve_once() noexcept = 0;

    [[nodiscard]] int ready() noexcept { return ready_.native_handle(); }
    [[nodiscard]] datagram_sink& sink() noexcept { return *sink_; }
    [[nodiscard]] send_batch& outgoing() noexcept { return outgoing_; }
    [[nodiscard]] datagram_counters& count() noexcept { return counters_; }
    [[nodiscard]] const std::vector<listener>& listeners() const noexcept { return listeners_; }

    /// The sink is shown this one now: what leaves from here on answers it.
    void begin_showing(const received_datagram& datagram) noexcept {
        counters_.add(datagram_event::received);
        shown_ = datagram.control;
    }
    /// What leaves from here on answers none.
    void end_showing() noexcept { shown_ = {}; }
    /// Of the datagram that the sink is shown at this moment.
    [[nodiscard]] std::uint8_t shown_traffic_class() const noexcept { return shown_.traffic_class; }
    /// It came together with others of its size.
    [[nodiscard]] bool shown_is_joined() const noexcept { return shown_.segment_bytes != 0; }

    /// The path by which `datagram` came to a listener.
    [[nodiscard]] turn::client_path path_of(std::uint32_t listener,
                                            const received_datagram& datagram) const noexcept;

  private:
    void wait();
    void let_gather() noexcept;
    void serve_ready() noexcept;
    [[nodiscard]] outgoing_datagram towards(const turn::client_path& path,
                                            std::span<const std::byte> payload) const noexcept;

    datagram_counters counters_;
    send_batch outgoing_;
    std::vector<listener> listeners_;
    packet_control shown_;
    wake_up_pacer pacer_;
    boost::asio::posix::stream_descriptor ready_;
    datagram_sink* sink_{nullptr};
};

}  // namespace turnix::io
