// A stream server with one listener on loopback, run on the test's thread, with a clock of the test's.
#pragma once

#include "relay/io/listener_group.hpp"
#include "relay/io/stream_server.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace turnix::test {

/// ChannelData of that many payload bytes, all of one value, with its padding (RFC 8656 §12.5).
inline std::vector<std::byte> channel_data(std::size_t payload_bytes, std::uint8_t value) {
    std::vector<std::byte> message{std::byte{0x40}, std::byte{0}, static_cast<std::byte>(payload_bytes >> 8U),
                                   static_cast<std::byte>(payload_bytes)};
    message.insert(message.end(), payload_bytes, std::byte{value});
    message.resize((message.size() + 3) / 4 * 4);
    return message;
}

struct recording_sink : io::stream_sink {
    monotonic_time on_stream_batch() noexcept override { return now; }
    std::shared_ptr<io::stream_successor> on_stream_message(
        const turn::client_path& from, std::span<const std::byte> message) noexcept override {
        path = from;
        messages.emplace_back(message.begin(), message.end());
        if (on_message) on_message();
        return std::exchange(successor, nullptr);
    }
    void on_stream_batch_end() noexcept override {}
    void on_stream_closed(const turn::client_path&) noexcept override { ++closed; }
    bool has_allocation(const turn::client_path&) const noexcept override { return allocated; }

    monotonic_time now{std::chrono::hours{1}};
    turn::client_path path;
    std::vector<std::vector<std::byte>> messages;
    std::function<void()> on_message;
    std::shared_ptr<io::stream_successor> successor;  ///< after the next message
    int closed{0};
    bool allocated{false};
};

struct server_under_test {
    struct setup {
        contract::limit_settings limits{};
        const io::tls_context* tls{nullptr};
        io::stream_protocols serves{.tcp = true};
        std::vector<net::cidr> trusted_proxies{};
    };

    server_under_test() : server_under_test{setup{}} {}
    explicit server_under_test(setup wanted)
        : given{std::move(wanted)},
          idle{given.limits.idle_connections_per_source_max},
          group{
              io::open_listener_group({net::transport::tcp, net::endpoint::parse("127.0.0.1:0").value()}, 1)},
          address{group.bound.address},
          server{{.context = context,
                  .sink = sink,
                  .idle = idle,
                  .load = load,
                  .limits = given.limits,
                  .trusted_proxies = given.trusted_proxies,
                  .tls = given.tls},
                 listeners()} {
        server.start();
    }
    std::vector<io::stream_listener_socket> listeners() {
        std::vector<io::stream_listener_socket> list;
        list.push_back({std::move(group.sockets.front()), address, given.serves});
        return list;
    }
    bool run_until(const std::function<bool()>& holds) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{2};
        while (!holds() && std::chrono::steady_clock::now() < deadline) {
            context.run_for(std::chrono::milliseconds{1});
        }
        return holds();
    }
    void pass(std::chrono::milliseconds time) {
        sink.now += time;
        server.on_tick(sink.now);
    }
    [[nodiscard]] std::uint64_t count(io::stream_event event) const { return server.counters().of(event); }

    setup given;
    io::idle_connections idle;
    contract::load_signal load;
    boost::asio::io_context context{1};
    recording_sink sink;
    io::listener_group group;
    net::endpoint address;
    io::stream_server server;
};

}  // namespace turnix::test
