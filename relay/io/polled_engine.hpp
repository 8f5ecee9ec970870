// What the engines have in common that wait for readiness: their own epoll set, and batches in.
//
// Asio waits for the epoll set itself. One look at the set then serves every socket that has something, in
// one batch: re-arming each socket with Asio would cost a system call for each of them. Listeners go first,
// so that busy relay ports cannot starve the clients.
//
// Owned by a worker, used on its thread only.
#pragma once

#include "relay/io/listening_engine.hpp"
#include "relay/io/receive_batch.hpp"

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <sys/epoll.h>

namespace turnix::io {

class polled_engine : public listening_engine {
  public:
    void start(datagram_sink& sink) override;
    void flush() noexcept override { send_all(); }

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

    [[nodiscard]] receive_batch& received() noexcept { return received_; }

    /// Visits a run in groups small enough to be fetched ahead.
    template <class Visit>
    static void in_groups(const receive_batch::run& run, Visit visit) noexcept {
        for (std::size_t done = 0; done < run.count; done += turn::fetched_ahead_max) {
            visit(receive_batch::run{.first = run.first + done,
                                     .count = std::min(run.count - done, turn::fetched_ahead_max)});
        }
    }
    /// Shows a run's datagrams, one by one.
    template <class Show>
    void show_each(const receive_batch::run& run, Show show) noexcept {
        received_.show_each(run, [&](const received_datagram& datagram) noexcept {
            begin_showing(datagram);
            show(datagram);
        });
        end_showing();
    }

  private:
    static constexpr std::size_t events_max = 128;

    bool serve_once() noexcept override;
    void receive_from_clients(std::uint32_t index) noexcept;
    void show_clients(std::uint32_t index, const receive_batch::run& group) noexcept;
    [[nodiscard]] bool watch_key(const file_descriptor& descriptor, std::uint64_t key) noexcept;

    receive_batch received_;
    std::vector<epoll_event> events_;
};

}  // namespace turnix::io
