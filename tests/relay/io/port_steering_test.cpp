#include "relay/io/port_steering.hpp"

#include "relay/io/shared_sockets.hpp"
#include "tests/relay/io/engine_under_test.hpp"
#include "tests/relay/io/engines.hpp"
#include "tests/relay/io/network_namespace.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <fstream>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

using namespace turnix;
using test::address;
using test::bytes_of;

namespace {

bool can_steer() {
    const auto& served = test::served_engines();
    return std::ranges::find(served, "shared") != served.end();
}

}  // namespace

TEST_CASE("a claimed port is received on its worker's socket, and after its release where it was before",
          "[io][steering]") {
    if (!can_steer()) return;
    const auto* const loopback = GENERATE("127.0.0.1", "::1");
    const std::array addresses{address("192.0.2.1"), address(loopback)};
    io::port_steering steering{addresses, 2};
    const auto worker_socket = io::open_steered_socket(addresses[1].family());
    steering.receive_on(worker_socket, 1, addresses[1].family());
    const auto place = steering.place_of(address(loopback));
    REQUIRE(place.has_value());
    CHECK_FALSE(steering.place_of(address("192.0.2.2")).has_value());

    const test::udp_socket holder{address(loopback)};
    const test::udp_socket sender{address(loopback)};
    const auto port = holder.local().port;
    const auto payload = bytes_of("payload");
    std::array<char, 64> buffer{};
    const auto steered = [&] {
        sender.send(holder.local(), payload);
        return ::recv(worker_socket.get(), buffer.data(), buffer.size(), MSG_DONTWAIT) > 0;
    };
    CHECK_FALSE(steered());
    CHECK(steering.claim(*place, port, 1));
    CHECK_FALSE(steering.claim(*place, port, 0));
    CHECK(steered());
    steering.release(*place, port);
    CHECK_FALSE(steered());
    CHECK(holder.receive(0).has_value());
    // A worker whose socket is not there takes nothing.
    CHECK(steering.claim(*place, port, 0));
    CHECK_FALSE(steered());
}

TEST_CASE("claims end with the process that made them, however it ends", "[io][steering]") {
    if (!can_steer()) return;
    const test::udp_socket holder{address("127.0.0.1")};
    std::array<int, 2> ready{};
    REQUIRE(::pipe(ready.data()) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const std::array addresses{address("127.0.0.1")};
        io::port_steering steering{addresses, 1};
        const auto socket = io::open_steered_socket(net::family::ipv4);
        steering.receive_on(socket, 0, net::family::ipv4);
        const char claimed = steering.claim(0, holder.local().port, 0) ? 'y' : 'n';
        if (::write(ready[1], &claimed, 1) != 1) ::_exit(1);
        ::pause();
        ::_exit(0);
    }
    char claimed = 0;
    REQUIRE(::read(ready[0], &claimed, 1) == 1);
    REQUIRE(claimed == 'y');
    const test::udp_socket sender{address("127.0.0.1")};
    sender.send(holder.local(), bytes_of("payload"));
    CHECK_FALSE(holder.receive(50).has_value());
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ::close(ready[0]);
    ::close(ready[1]);
    sender.send(holder.local(), bytes_of("payload"));
    CHECK(holder.receive().has_value());
}

TEST_CASE("an address that is named twice is refused: packets for it would find one table of the two",
          "[io][steering]") {
    if (!can_steer()) return;
    const std::array twice{address("127.0.0.1"), address("::1"), address("127.0.0.1")};
    CHECK_THROWS_WITH(io::port_steering(twice, 1), Catch::Contains("cannot enter a relay address"));
}

TEST_CASE("ports that the system reserves cost no descriptor, and oversized datagrams leave all the same",
          "[io][steering]") {
    if (!can_steer()) return;
    const test::network_namespace own{1'500};
    if (!own.is_entered()) {
        WARN("skipped: a network namespace needs CAP_SYS_ADMIN");
        return;
    }
    std::ofstream{"/proc/sys/net/ipv4/ip_local_reserved_ports"} << "50000-50999\n";
    const auto engines =
        std::make_shared<io::engine_factory>(io::engine_options{.name = "shared",
                                                                .relay_addresses = {address("127.0.0.1")},
                                                                .ports = {.first = 50'000, .last = 50'999}});
    CHECK(engines->reason().empty());
    test::engine_under_test under_test{engines, address("127.0.0.1")};
    const net::endpoint at{address("127.0.0.1"), 50'500};
    const auto relay = under_test.engine->open_relay(at).value();
    CHECK(under_test.engine->open_relay(at).error() == io::bind_error::in_use);
    // Nothing holds the port but the claim.
    CHECK(io::open_relay_socket(at).has_value());

    const test::udp_socket peer{address("127.0.0.1")};
    const std::vector<std::byte> payload(4'000, std::byte{0x5a});
    under_test.engine->send_to_peer({.from = relay, .peer = peer.local(), .payload = payload});
    under_test.engine->flush();
    const auto whole = peer.receive();
    REQUIRE(whole.has_value());
    CHECK(whole->from == at);
    peer.send(at, payload);
    CHECK(under_test.run_until([&] { return under_test.sink.from_peers == 1; }));
}
