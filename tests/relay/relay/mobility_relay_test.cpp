// RFC 8016 over real sockets: which worker a new 5-tuple comes in at, the kernel decides.
#include "common/credential/sealed_credential.hpp"
#include "tests/relay/io/certificate.hpp"
#include "tests/relay/io/udp_socket.hpp"
#include "tests/relay/relay/running_relay.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

using namespace turnix;
using test::endpoint;

namespace {

constexpr std::uint16_t channel = 0x4000;
constexpr int burst = 20;

test::bytes numbered(int number) { return test::bytes(300, static_cast<std::byte>(number)); }

/// A relay with four workers that listens on every transport, a peer, and a client with a channel to it.
struct moving_client {
    moving_client() {
        REQUIRE(client.allocate_mobile() == 200);
        REQUIRE(client.bind_channel(channel, peer.local()) == 200);
        talk();
    }

    /// Both ways, a burst each: all of it arrives, in order.
    void talk() {
        for (int i = 0; i < burst; ++i) client.send_channel_data(channel, numbered(i));
        for (int i = 0; i < burst; ++i) {
            const auto heard = peer.receive();
            REQUIRE(heard.has_value());
            CHECK(heard->from == client.relayed());
            CHECK(heard->payload == numbered(i));
        }
        for (int i = 0; i < burst; ++i) peer.send(client.relayed(), numbered(i));
        for (int i = 0; i < burst; ++i) CHECK(client.receive_channel_data(channel) == numbered(i));
    }

    static contract::relay_settings settings(const test::certificate& certificate) {
        auto made = test::settings_for({{net::transport::udp, endpoint("127.0.0.1:0")},
                                        {net::transport::tcp, endpoint("127.0.0.1:0")},
                                        {net::transport::tls, endpoint("127.0.0.1:0")},
                                        {net::transport::dtls, endpoint("127.0.0.1:0")}});
        made.mobility.enabled = true;
        made.tls = certificate.settings();
        made.workers = 4;
        return made;
    }

    test::certificate certificate;
    test::running_relay relay{settings(certificate)};
    test::udp_socket peer{endpoint("127.0.0.1:0").address};
    test::relay_client client{relay.client()};
};

}  // namespace

// Of twenty-four moves among four workers, both to the same worker and to another one: but for one run in
// 10^14.
TEST_CASE("RFC 8016 3.2.2: a client that moves from port to port loses nothing, whichever worker it comes to",
          "[relay][mobility]") {
    moving_client moving;
    auto& client = moving.client;
    constexpr std::size_t moves = 24;
    for (std::size_t i = 0; i < moves; ++i) {
        const auto former = client.move_to(net::transport::udp, moving.relay.address());
        REQUIRE(client.resume() == 200);
        // Until it speaks it is heard and spoken to where it was.
        moving.peer.send(client.relayed(), numbered(7));
        CHECK_FALSE(former->receive(2'000).empty());
        moving.talk();
    }
    const auto started = moving.relay.events<contract::session_started>();
    CHECK(moving.relay.node.load().sessions == 1);
    CHECK(moving.relay.node.stop() == 1);
    CHECK(moving.relay.node.counters().protocol.drops_of(turn::drop_reason::moving) == 0);
    REQUIRE(started.size() == 1);
}

TEST_CASE("RFC 8016 3.2.2: a session goes from any transport to any other", "[relay][mobility]") {
    moving_client moving;
    auto& client = moving.client;
    using enum net::transport;
    for (const auto over : {tcp, tls, dtls, udp, tls, tcp, udp, dtls, tcp, tls}) {
        const auto& listeners = moving.relay.node.listeners();
        const auto to = std::ranges::find(listeners, over, &contract::listener_settings::transport);
        // Breaks before it makes, or makes before it breaks.
        auto former = client.move_to(over, to->address);
        const bool breaks_first = over == tcp || over == dtls;
        if (breaks_first) former.reset();
        REQUIRE(client.resume() == 200);
        moving.talk();
    }
    CHECK(moving.relay.node.load().sessions == 1);
    CHECK(client.refresh(std::chrono::seconds{0}) == 200);
    CHECK(moving.relay.node.load().sessions == 0);
    CHECK(moving.relay.node.stop() == 0);
}

TEST_CASE("a mobile session survives its connection, and is told of to the end", "[relay][mobility]") {
    moving_client moving;
    auto& client = moving.client;
    const auto& tcp = moving.relay.node.listeners().at(1);
    auto former = client.move_to(tcp.transport, tcp.address);
    REQUIRE(client.resume() == 200);
    moving.talk();
    former = client.move_to(net::transport::udp, moving.relay.address());
    former.reset();
    REQUIRE(client.resume() == 200);
    moving.talk();
    REQUIRE(moving.relay.node.stop() == 1);

    std::vector<contract::session_event> events;
    moving.relay.node.take_events(events);
    std::size_t moved = 0;
    std::optional<contract::session_ended> ended;
    std::uint32_t last_move = 0;
    for (const auto& each : events) {
        if (const auto* const move = std::get_if<contract::session_moved>(&each)) {
            ++moved;
            last_move = std::max(last_move, move->sequence);
        }
        if (const auto* const end = std::get_if<contract::session_ended>(&each)) ended = *end;
    }
    CHECK(moved == 2);
    REQUIRE(ended.has_value());
    CHECK(ended->sequence > last_move);
    CHECK(ended->traffic.uplink_packets == 3U * burst);
    CHECK(ended->traffic.downlink_packets == 3U * burst);
}
