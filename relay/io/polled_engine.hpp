// What the engines have in common that wait for readiness: their own epoll set, the listeners that clients
// send to, batches in and out.
//
// Asio waits for a single descriptor, the epoll set itself, and runs the engine when something in it is
// ready. One look at the set then serves every socket that has something, in one batch: re-arming each socket
// with Asio would cost a system call for each of them. Listeners go first, so that busy relay ports cannot
// starve the clients; a budget of looks lets timers and streams have their turn.
//
// Owned by a worker, used on its thread only.
#pragma once

#include "relay/io/datagram_engine.hpp"
#include "relay/io/receive_batch.hpp"
#include "relay/io/send_batch.hpp"
#include "relay/io/wake_up_pacer.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

#include <sys/epoll.h>

namespace turnix::io {

class polled_engine : public datagram_engine {
  public:
    void start(datagram_sink& sink) override;

    void send_to_client(const turn::to_client& how, std::span<const std::byte> payload) noexcept override;
    void send_reply(const turn::client_path& path, std::span<const std::byte> message) noexcept override;
    void flush() noexcept override { send_all(); }

    [[nodiscard]] datagram_totals counters() const noexcept override { return counters_.totals(); }

  protected:
    /// Throws std::system_error when the epoll set cannot be made.
    polled_engine(boost::asio::io_context& context, std::vector<datagram_listener> listeners,
                  const wake_up_pacer& pacer);

    /// Watches a descriptor of the derived engine's; `key` is what serve is told. False when out of memory.
    [[nodiscard]] bool watch(const file_descriptor& descriptor, std::uint32_t key) noexcept;
    /// Before a descriptor leaves the engine open; to close it is enough otherwise.
    void unwatch(const file_descriptor& descriptor) noexcept;

    /// A descriptor of the derived engine's is ready.
    virtual void serve(std::uint32_t key, std::uint32_t events) noexcept = 0;
    /// Last part of send_all: what the derived engine collected leaves, and what it closed may be used again.
    virtual void finish_batch() noexcept = 0;

    /// Takes what the socket has; what was collected leaves first when it needs the room.
    receive_batch::run receive(const file_descriptor& socket, std::size_t limit) noexcept;
    /// Everything leaves, and what was received may be overwritten.
    void send_all() noexcept;

    [[nodiscard]] datagram_sink& sink() noexcept { return *sink_; }
    [[nodiscard]] receive_batch& received() noexcept { return received_; }
    [[nodiscard]] send_batch& outgoing() noexcept { return outgoing_; }
    [[nodiscard]] datagram_counters& count() noexcept { return counters_; }

    /// Shows a run's datagrams, one by one; what leaves meanwhile answers the one that is shown.
    template <class Show>
    void show_each(const receive_batch::run& run, Show show) noexcept {
        received_.show_each(run, [&](const received_datagram& datagram) noexcept {
            counters_.add(datagram_event::received);
            shown_ = datagram.control;
            show(datagram);
        });
        shown_ = {};
    }
    /// Of the datagram that the sink is shown at this moment.
    [[nodiscard]] std::uint8_t shown_traffic_class() const noexcept { return shown_.traffic_class; }
    /// It came together with others of its size.
    [[nodiscard]] bool shown_is_joined() const noexcept { return shown_.segment_bytes != 0; }

  private:
    struct listener {
        datagram_socket socket;
        net::endpoint address;
        bool any_address{false};
    };
    static constexpr std::size_t events_max = 128;

    void wait();
    void let_gather() noexcept;
    void serve_ready() noexcept;
    /// One look at the set; false when nothing was ready.
    bool serve_once() noexcept;
    void receive_from_clients(std::uint32_t index) noexcept;
    [[nodiscard]] bool watch_key(const file_descriptor& descriptor, std::uint64_t key) noexcept;
    [[nodiscard]] outgoing_datagram towards(const turn::client_path& path,
                                            std::span<const std::byte> payload) const noexcept;

    datagram_counters counters_;
    receive_batch received_;
    send_batch outgoing_{counters_};
    std::vector<listener> listeners_;
    std::vector<epoll_event> events_;
    packet_control shown_;
    wake_up_pacer pacer_;
    boost::asio::posix::stream_descriptor set_;
    datagram_sink* sink_{nullptr};
};

}  // namespace turnix::io
