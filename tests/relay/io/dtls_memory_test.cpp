// A DTLS client for whom there is no memory, OpenSSL's included.
#include "tests/counted_openssl.hpp"
#include "tests/relay/io/dtls_server_under_test.hpp"
#include "tests/relay/io/failing_each.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <deque>
#include <utility>

using namespace turnix;
using namespace turnix::test;

namespace {

/// A DTLS client goes on to its flight of that number; the server has not seen it.
std::deque<bytes> flight_of(connected_dtls_client& from, int number) {
    from.client.connects();
    for (int i = 0; i < number; ++i) {
        from.deliver_to_server();
        for (; !from.under_test.outgoing.empty(); from.under_test.outgoing.pop_front()) {
            from.client.take(std::move(from.under_test.outgoing.front().second));
            from.client.connects();
        }
    }
    return std::exchange(from.sent, {});
}

}  // namespace

TEST_CASE("an allocation of memory that fails for a DTLS client costs it its session, whichever it is",
          "[io][dtls][out_of_memory]") {
    // ClientHello, the same with its cookie, the end of the handshake.
    const int number = GENERATE(0, 1, 2);
    dtls_server_under_test under_test;
    const counted_openssl with_openssl;
    const auto is_served = [&](std::uint16_t port) {
        under_test.now += 10s;
        connected_dtls_client client{under_test, port};
        const bool connects = client.connects();
        under_test.server.close();
        under_test.outgoing.clear();
        return connects;
    };
    REQUIRE(is_served(1));
    const auto tried = fail_each([&](const starver& starve) {
        under_test.now += 10s;
        connected_dtls_client client{under_test, 1};
        auto flight = flight_of(client, number);
        REQUIRE_FALSE(flight.empty());
        under_test.keeps = false;
        starve([&] {
            for (auto& each : flight) under_test.server.on_datagram(under_test.now, client.path, each);
        });
        under_test.server.close();
        under_test.keeps = true;
        CHECK(is_served(2));
    });
    CHECK(tried > 10);
}
