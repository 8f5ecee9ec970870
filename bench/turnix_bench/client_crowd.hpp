// Many TURN clients, each with a socket and a session of its own.
#pragma once

#include "relay/io/file_descriptor.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <span>
#include <vector>

#include <sys/epoll.h>

#include "bench/turnix_bench/options.hpp"
#include "bench/turnix_bench/turn_session.hpp"
#include "bench/turnix_bench/udp_batch.hpp"

namespace turnix::bench {

struct turn_client {
    turn_client(const load& wanted, const login& credential, const net::endpoint& peer)
        : socket{open_connected(wanted.server, wanted.clients)}, session{credential, peer} {}

    io::file_descriptor socket;
    turn_session session;
    std::chrono::steady_clock::time_point asked{};
};

class client_crowd {
  public:
    /// `credential` outlives it. Throws std::system_error.
    client_crowd(const load& wanted, const login& credential, const net::endpoint& peer);

    /// Brings every client to a channel, `at_once` of them at a time. Throws std::runtime_error when the
    /// server refuses or does not answer.
    void set_up();
    /// Ends every allocation.
    void release();

    [[nodiscard]] std::size_t size() const noexcept { return clients_.size(); }
    [[nodiscard]] turn_client& operator[](std::size_t index) noexcept { return clients_[index]; }

    /// Waits that long at most, and shows each client that has received something.
    void wait(std::chrono::milliseconds at_most, const std::function<void(turn_client&)>& ready);

  private:
    static constexpr std::size_t at_once = 64;
    static constexpr std::size_t events_max = 256;

    void converse(const std::function<bool(const turn_session&)>& done);
    void ask(turn_client& client);
    /// False when nothing came that it waited for.
    bool listen_to(turn_client& client);

    std::deque<turn_client> clients_;
    io::file_descriptor set_;
    std::vector<epoll_event> events_ = std::vector<epoll_event>(events_max);
    receive_many received_;
};

}  // namespace turnix::bench
