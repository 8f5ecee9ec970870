// A datagram engine with a sink that a test scripts.
#pragma once

#include "relay/io/engine_factory.hpp"
#include "relay/io/listener_group.hpp"
#include "tests/relay/io/udp_socket.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace turnix::test {

inline std::vector<std::byte> bytes_of(const std::string& text) {
    const auto bytes = std::as_bytes(std::span{text});
    return {bytes.begin(), bytes.end()};
}

inline net::address address(const char* text) { return net::address::parse(text).value(); }

/// Does with each datagram what a test says, and counts.
struct scripted_sink : io::datagram_sink {
    void on_batch() noexcept override { ++batches; }
    void on_client_datagram(const turn::client_path& path, std::span<std::byte> message) noexcept override {
        ++from_clients;
        on_client(path, message);
    }
    void on_peer_datagram(turn::relay_handle at, const net::endpoint& peer,
                          std::span<const std::byte> payload) noexcept override {
        ++from_peers;
        on_peer(at, peer, payload);
    }
    void on_peer_error(turn::relay_handle at, const net::endpoint& peer,
                       const stun::icmp_error& error) noexcept override {
        errors.push_back({at, peer, error});
    }
    void on_batch_end() noexcept override {}

    struct reported {
        turn::relay_handle at;
        net::endpoint peer;
        stun::icmp_error error;
    };

    int batches{0};
    int from_clients{0};
    int from_peers{0};
    std::vector<reported> errors;
    std::function<void(const turn::client_path&, std::span<const std::byte>)> on_client{
        [](const auto&, auto) {}};
    std::function<void(turn::relay_handle, const net::endpoint&, std::span<const std::byte>)> on_peer{
        [](auto, const auto&, auto) {}};
};

/// An engine with one listener, run on this thread.
struct engine_under_test {
    engine_under_test(std::string_view name, const net::address& at)
        : engine_under_test{
              std::make_shared<io::engine_factory>(io::engine_options{
                  .name = name, .relay_addresses = {address("127.0.0.1"), address("::1")}, .ports = {}}),
              at} {}
    /// Its next worker's.
    engine_under_test(std::shared_ptr<io::engine_factory> factory, const net::address& at)
        : engines{std::move(factory)},
          group{io::open_listener_group({net::transport::udp, {at, 0}}, 1)},
          listener{group.bound.address},
          engine{engines->make(context, listeners())} {
        engine->start(sink);
    }
    ~engine_under_test() { engine->stop(); }

    std::vector<io::datagram_listener> listeners() {
        std::vector<io::datagram_listener> list;
        list.push_back({std::move(group.sockets.front()), listener});
        return list;
    }
    /// Runs until it holds, at most two seconds.
    bool run_until(const std::function<bool()>& holds) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{2};
        while (!holds() && std::chrono::steady_clock::now() < deadline) {
            context.run_for(std::chrono::milliseconds{2});
        }
        return holds();
    }
    turn::relay_handle open_relay(const net::address& at) {
        relay_endpoint = free_endpoint(at);
        return engine->open_relay(relay_endpoint).value();
    }
    /// Of a port that the kernel gave and has back.
    static net::endpoint free_endpoint(const net::address& at) { return udp_socket{at}.local(); }

    std::shared_ptr<io::engine_factory> engines;
    boost::asio::io_context context{1};
    io::listener_group group;
    net::endpoint listener;
    scripted_sink sink;
    std::unique_ptr<io::datagram_engine> engine;
    net::endpoint relay_endpoint;
};

}  // namespace turnix::test
