// What single steps of a packet's, a request's and a credential's way cost, without the kernel's share.

#include "relay/io/udp_packet.hpp"
#include "tests/relay/turn/test_client.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <benchmark/benchmark.h>

using namespace turnix;
using namespace turnix::turn_test;

namespace {

constexpr auto client_address = "198.51.100.7:40000";
constexpr auto peer_address = "9.9.9.9:7";

/// A Refresh as a client of ours signs it, and its key.
struct signed_request {
    world node;
    test_client client{node, client_address};
    bytes message;
    bytes key;

    signed_request() {
        client.allocate();
        message = client.build(method::refresh, {});
        key = client.key();
    }
};

void parse_a_request(benchmark::State& state) {
    const signed_request request;
    for (auto _ : state) benchmark::DoNotOptimize(stun::message_view::parse(request.message));
}

void check_its_integrity(benchmark::State& state) {
    const signed_request request;
    const auto view = stun::message_view::parse(request.message).value();
    for (auto _ : state) benchmark::DoNotOptimize(stun::has_valid_message_integrity(view, request.key));
}

void answer_it(benchmark::State& state) {
    signed_request request;
    for (auto _ : state) {
        benchmark::DoNotOptimize(
            request.node.server.on_client(request.node.now, request.client.path, request.message));
    }
}

/// As many clients as the state's range says, each with a channel to one peer.
struct busy_node {
    world node;
    std::vector<turn::client_path> paths;

    explicit busy_node(std::int64_t clients)
        : node{[&](contract::relay_settings& settings) {
              settings.limits.sessions_max = static_cast<std::uint32_t>(clients);
              // All of them come from one address, each with one request that is not authenticated yet.
              settings.limits.unauthenticated_burst = UINT16_MAX;
              settings.limits.unauthenticated_net_per_second = UINT16_MAX;
          }} {
        for (std::int64_t i = 0; i < clients; ++i) {
            test_client client{node, "198.51.100.7:" + std::to_string(10'000 + i)};
            client.allocate();
            client.bind(0x4000, peer_address);
            paths.push_back(client.path);
        }
    }
};

void relay_from_a_client(benchmark::State& state) {
    busy_node busy{state.range()};
    bytes message(4 + 160);
    message[0] = std::byte{0x40};
    message[3] = std::byte{160};
    std::size_t next = 0;
    for (auto _ : state) {
        const auto effect = busy.node.server.on_client(busy.node.now, busy.paths[next], message);
        if (!std::holds_alternative<turn::to_peer>(effect)) state.SkipWithError("not relayed");
        next = (next + 1) % busy.paths.size();
    }
}

void relay_from_a_peer(benchmark::State& state) {
    busy_node busy{state.range()};
    const bytes payload(160);
    const auto peer = at(peer_address);
    std::uint32_t next = 0;
    for (auto _ : state) {
        if (!busy.node.server.on_peer(busy.node.now, {.index = next}, peer, payload)) {
            state.SkipWithError("not relayed");
        }
        next = (next + 1) % static_cast<std::uint32_t>(busy.paths.size());
    }
}

void seal_a_credential(benchmark::State& state) {
    world node;
    for (auto _ : state) benchmark::DoNotOptimize(node.sealer.issue(node.claims(), node.now.wall));
}

void open_a_credential(benchmark::State& state) {
    world node;
    const auto issued = node.issue(node.claims());
    for (auto _ : state) benchmark::DoNotOptimize(node.sealer.open(issued.username, node.now.wall));
}

void write_the_headers_of_a_raw_datagram(benchmark::State& state) {
    const bytes payload(static_cast<std::size_t>(state.range()));
    io::udp_header_buffer headers{};
    const io::udp_packet packet{.from = at("192.0.2.10:50000"), .to = at(peer_address), .payload = payload};
    for (auto _ : state) benchmark::DoNotOptimize(io::write_udp_headers(headers, packet));
}

constexpr std::int64_t clients_few = 1;
constexpr std::int64_t clients_many = 4'096;

BENCHMARK(parse_a_request);
BENCHMARK(check_its_integrity);
BENCHMARK(answer_it);
BENCHMARK(relay_from_a_client)->Arg(clients_few)->Arg(clients_many);
BENCHMARK(relay_from_a_peer)->Arg(clients_few)->Arg(clients_many);
BENCHMARK(seal_a_credential);
BENCHMARK(open_a_credential);
BENCHMARK(write_the_headers_of_a_raw_datagram)->Arg(160)->Arg(1'200);

}  // namespace
