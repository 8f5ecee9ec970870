// A TLS client for whom there is no memory, OpenSSL's included.
#include "relay/io/byte_channel.hpp"
#include "relay/io/socket.hpp"
#include "tests/counted_openssl.hpp"
#include "tests/relay/io/certificate.hpp"
#include "tests/relay/io/failing_each.hpp"
#include "tests/relay/io/tls_client.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <new>
#include <tuple>
#include <utility>
#include <vector>

#include <sys/socket.h>

using namespace turnix;
using namespace turnix::test;

namespace {

/// What a TLS server does with a client, one step of the client's at a time.
struct tls_talk {
    void begin() {
        channel = io::make_tls_channel(socket.get(), context);
        shake_hands();
    }
    void shake_hands() {
        if (channel) std::ignore = channel->handshake();
    }
    void echo() {
        std::array<std::byte, 16> heard{};
        if (channel && channel->read(heard).state == io::progress::made) {
            std::ignore = channel->write(heard);
        }
    }

    const io::tls_context& context;
    tls_client client;
    io::file_descriptor socket;
    std::unique_ptr<io::byte_channel> channel{};
};

constexpr std::array steps{&tls_talk::begin, &tls_talk::shake_hands, &tls_talk::echo};

struct tls_server_under_test {
    /// A client's talk with the server, whose steps `around` does. True when it has heard its echo.
    bool serves(const auto& around) {
        tls_client client{address};
        client.connects();
        const int accepted = ::accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK);
        tls_talk talk{context, std::move(client), io::file_descriptor{accepted}};
        for (const auto step : steps) {
            around(step, talk);
            if (talk.client.connects()) talk.client.send(message);
        }
        return talk.client.receive() == message;
    }
    bool serves() {
        return serves([](auto step, tls_talk& talk) { (talk.*step)(); });
    }

    certificate certified;
    io::tls_context context{certified.settings()};
    io::file_descriptor listener{
        io::open_tcp_listener(net::endpoint::parse("127.0.0.1:0").value(), io::port_sharing::exclusive)
            .value()};
    net::endpoint address{io::bound_endpoint(listener)};
    std::vector<std::byte> message = std::vector<std::byte>(16, std::byte{7});
};

/// The connection that makes a channel catches what that throws.
void survive(tls_talk& talk, decltype(steps)::value_type step) {
    try {
        (talk.*step)();
    } catch (const std::bad_alloc&) {
        talk.channel.reset();
    }
}

}  // namespace

TEST_CASE("an allocation of memory that fails for a TLS client costs it its connection, whichever it is",
          "[io][stream][out_of_memory]") {
    const auto starved = GENERATE(from_range(steps));
    tls_server_under_test server;
    const counted_openssl with_openssl;
    REQUIRE(server.serves());
    const auto tried = fail_each([&](const starver& starve) {
        server.serves([&](auto step, tls_talk& talk) {
            if (step != starved) return survive(talk, step);
            starve([&] { survive(talk, step); });
        });
        CHECK(server.serves());
    });
    CHECK(tried > 0);
}
