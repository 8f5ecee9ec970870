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

}  // namespace

TEST_CASE("an allocation of memory that fails for a TLS client costs it its connection, whichever it is",
          "[io][stream][out_of_memory]") {
    const auto step = GENERATE(&tls_talk::begin, &tls_talk::shake_hands, &tls_talk::echo);
    const certificate certified;
    const io::tls_context context{certified.settings()};
    const auto listener =
        io::open_tcp_listener(net::endpoint::parse("127.0.0.1:0").value(), io::port_sharing::exclusive)
            .value();
    const auto address = io::bound_endpoint(listener);
    const counted_openssl with_openssl;
    const std::vector<std::byte> message(16, std::byte{7});
    const auto talk = [&](const auto& around) {
        tls_client client{address};
        client.connects();
        tls_talk with{context, std::move(client),
                      io::file_descriptor{::accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK)}};
        for (const auto each : {&tls_talk::begin, &tls_talk::shake_hands, &tls_talk::echo}) {
            around(each, with);
            if (with.client.connects()) with.client.send(message);
        }
        return with.client.receive();
    };
    const auto is_served = [&] { return talk([](auto each, tls_talk& with) { (with.*each)(); }) == message; };
    REQUIRE(is_served());
    const auto tried = fail_each([&](const auto& starve) {
        talk([&](auto each, tls_talk& with) {
            if (each != step) return (with.*each)();
            starve([&] {
                try {
                    (with.*each)();  // make_tls_channel may throw: the connection catches it
                } catch (const std::bad_alloc&) {
                    with.channel.reset();
                }
            });
        });
        CHECK(is_served());
    });
    CHECK(tried > 0);
}
