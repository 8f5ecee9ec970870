// A DTLS server on a clock of the test's, and clients that talk with it.
#pragma once

#include "relay/io/dtls_server.hpp"
#include "tests/relay/io/certificate.hpp"
#include "tests/relay/io/dtls_client.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <utility>
#include <vector>

namespace turnix::test {

using namespace std::chrono_literals;
using bytes = std::vector<std::byte>;
using io::dtls_event;

inline turn::client_path path_from(const net::address& client, std::uint16_t port = 1'000) {
    return {.client = {.address = client, .port = port},
            .server = net::endpoint::parse("192.0.2.1:5349").value(),
            .transport = net::transport::dtls};
}
inline turn::client_path path_of(std::uint16_t client_port) {
    return path_from(net::address::parse("198.51.100.1").value(), client_port);
}

inline bytes message_of(std::size_t count, std::uint8_t value) { return bytes(count, std::byte{value}); }

/// A DTLS server whose datagrams are kept, with a clock of the test's.
struct dtls_server_under_test final : io::dtls_sink {
    explicit dtls_server_under_test(const contract::limit_settings& given = {}) : limits{given} {}

    void on_dtls_message(const turn::client_path& path,
                         std::span<const std::byte> message) noexcept override {
        messages.emplace_back(message.begin(), message.end());
        if (echoes) server.send_reply(path, message);
    }
    void on_dtls_closed(const turn::client_path&) noexcept override { ++closed; }
    void send_dtls(const turn::client_path& path, std::span<const std::byte> datagram) noexcept override {
        sent_bytes_max = std::max(sent_bytes_max, datagram.size());
        ++sent;
        if (keeps) outgoing.emplace_back(path, bytes{datagram.begin(), datagram.end()});
    }
    bool has_allocation(const turn::client_path&) const noexcept override { return allocated; }
    bool has_time_for_stranger() noexcept override { return ++strangers % one_stranger_in == 0; }

    void receive(const turn::client_path& path, std::span<const std::byte> datagram) {
        bytes copy{datagram.begin(), datagram.end()};
        server.on_datagram(now, path, copy);
    }
    void pass(std::chrono::milliseconds time) {
        now += time;
        server.on_tick(now);
    }
    std::uint64_t count(dtls_event event) const { return server.counters().of(event); }

    test::certificate certificate;
    io::tls_context context{certificate.settings(), io::tls_kind::datagram};
    contract::limit_settings limits;
    io::idle_connections idle{limits.idle_connections_per_source_max};
    contract::load_signal load;
    turn::source_budget budgets{limits, crypto::secret<16>{}};
    io::cookie_authority cookies;
    io::dtls_server server{{.sink = *this,
                            .idle = idle,
                            .load = load,
                            .budgets = budgets,
                            .cookies = cookies,
                            .limits = limits,
                            .tls = &context}};
    monotonic_time now{1h};
    std::deque<std::pair<turn::client_path, bytes>> outgoing;
    std::vector<bytes> messages;
    std::size_t sent{0};
    std::size_t sent_bytes_max{0};
    int closed{0};
    std::size_t strangers{0};
    std::size_t one_stranger_in{1};
    bool allocated{false};
    bool echoes{false};
    bool keeps{true};
};

/// A client at a port of its own, which talks with the server for as long as either has something to say.
struct connected_dtls_client {
    connected_dtls_client(dtls_server_under_test& to, std::uint16_t port)
        : under_test{to}, path{path_of(port)}, client{[this](std::span<const std::byte> datagram) {
              sent.emplace_back(datagram.begin(), datagram.end());
          }} {}

    /// Nothing is lost on the way but what `loses` says.
    void exchange() {
        while (!sent.empty() || !under_test.outgoing.empty()) {
            deliver_to_server();
            while (!under_test.outgoing.empty()) {
                client.take(std::move(under_test.outgoing.front().second));
                under_test.outgoing.pop_front();
                if (!client.connects()) continue;
                for (auto record = client.receive(); !record.empty(); record = client.receive()) {
                    received.push_back(std::move(record));
                }
            }
        }
    }
    void deliver_to_server() {
        while (!sent.empty()) {
            under_test.receive(path, sent.front());
            sent.pop_front();
        }
    }
    /// Until its cookie has proven it, and the server's first flight is on its way.
    void begin() {
        client.connects();
        deliver_to_server();
        client.take(std::move(under_test.outgoing.front().second));
        under_test.outgoing.clear();
        client.connects();
        deliver_to_server();
    }
    bool connects() {
        client.connects();
        exchange();
        return client.connects();
    }
    void send(const bytes& message) {
        client.send_message(message);
        exchange();
    }

    dtls_server_under_test& under_test;
    turn::client_path path;
    std::deque<bytes> sent;
    std::vector<bytes> received;
    test::dtls_client client;
};

/// The first ClientHello of a client.
inline bytes client_hello() {
    bytes hello;
    test::dtls_client client{
        [&](std::span<const std::byte> datagram) { hello.assign(datagram.begin(), datagram.end()); }};
    client.connects();
    return hello;
}

}  // namespace turnix::test
