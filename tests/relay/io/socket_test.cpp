#include "relay/io/socket.hpp"

#include "tests/relay/io/tcp_client.hpp"

#include <catch2/catch.hpp>

#include <cstddef>
#include <vector>

#include <poll.h>
#include <sys/socket.h>

using namespace turnix;

namespace {

/// What the kernel takes now of more than it could ever hold.
std::size_t taken_by(const io::file_descriptor& connection) {
    const std::vector<std::byte> bytes(65'536);
    std::size_t taken{0};
    for (;;) {
        const auto sent = ::send(connection.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent <= 0) return taken;
        taken += static_cast<std::size_t>(sent);
    }
}

}  // namespace

TEST_CASE("of what a client does not read the kernel holds little, and a stranger's least", "[io][stream]") {
    const auto listener =
        io::open_tcp_listener(net::endpoint::parse("127.0.0.1:0").value(), io::port_sharing::exclusive)
            .value();
    const test::tcp_client client{io::bound_endpoint(listener)};
    pollfd arrived{.fd = listener.get(), .events = POLLIN, .revents = 0};
    REQUIRE(::poll(&arrived, 1, 10'000) == 1);
    const io::file_descriptor connection{::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC)};
    REQUIRE(connection.is_open());

    const auto stranger = taken_by(connection);
    CHECK(stranger < 192 * 1024);
    io::limit_unsent(connection.get(), false);
    const auto more = taken_by(connection);
    CHECK(more >= 64 * 1024);
    CHECK(more < 512 * 1024);
    io::limit_unsent(connection.get(), true);
    CHECK(taken_by(connection) == 0);
}
