#include "tests/relay/turn/test_client.hpp"

#include <catch2/catch.hpp>

using namespace turnix;
using namespace turnix::turn_test;
using contract::end_reason;
using contract::session_ended;
using contract::session_progress;
using contract::session_started;
using contract::traffic_counters;

namespace {

// One uplink and one downlink packet of five bytes each, through a bound channel.
void exchange(world& node, test_client& client) {
    CHECK(std::holds_alternative<turn::to_peer>(client.send_channel_data(0x4000, "hello")));
    CHECK(node.server.on_peer(node.now, {0}, at("9.9.9.9:7"), bytes_of("hello")));
}

constexpr traffic_counters exchanged(std::uint64_t times) {
    return {.uplink_packets = times,
            .uplink_bytes = 5 * times,
            .downlink_packets = times,
            .downlink_bytes = 5 * times};
}

}  // namespace

TEST_CASE("a session's start tells whose it is and where", "[session]") {
    world node;
    const auto claims = node.claims();
    test_client client{node, "198.51.100.7:40000", claims, net::transport::tls};
    client.allocate();
    const auto started = node.observer.all<session_started>();
    REQUIRE(started.size() == 1);
    CHECK(*started[0].claims == claims);
    CHECK(started[0].client == client.path.client);
    CHECK(started[0].server == client.path.server);
    CHECK(started[0].transport == net::transport::tls);
    CHECK(started[0].relayed == at("203.0.113.10:50000"));
    CHECK(started[0].at == node.now.wall);
    CHECK(started[0].id != session_id{});
}

TEST_CASE("allocations of one credential share its claims, and have ids of their own", "[session]") {
    world node;
    test_client one{node, "198.51.100.7:40000"};
    test_client two{node, "198.51.100.7:40001"};
    two.credential = one.credential;
    one.allocate();
    two.allocate();
    const auto started = node.observer.all<session_started>();
    REQUIRE(started.size() == 2);
    CHECK(started[0].claims == started[1].claims);
    CHECK(started[0].id != started[1].id);
}

TEST_CASE("progress is told every 10 s while traffic flows, and only then", "[session]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    client.allocate();
    REQUIRE(client.bind(0x4000, "9.9.9.9:7").code() == success);
    node.pass(30s);
    CHECK(node.observer.all<session_progress>().empty());

    exchange(node, client);
    node.pass(10s);
    exchange(node, client);
    exchange(node, client);
    node.pass(10s);
    node.pass(50s);
    const auto progress = node.observer.all<session_progress>();
    REQUIRE(progress.size() == 2);
    CHECK(progress[0].id == node.observer.all<session_started>()[0].id);
    CHECK(progress[0].traffic == exchanged(1));
    CHECK(progress[0].sequence == 1);
    CHECK(progress[1].traffic == exchanged(3));
    CHECK(progress[1].sequence == 2);
}

TEST_CASE("every session gets its turn, however the ticks come", "[session]") {
    world node;
    const auto step = GENERATE(1s, 3s, 7s, 10s, 25s);
    std::vector<test_client> clients;
    for (int i = 0; i < 25; ++i) {
        clients.emplace_back(node, "198.51.100." + std::to_string(i) + ":40000");
        clients.back().allocate();
        REQUIRE(clients.back().bind(0x4000, "9.9.9.9:7").code() == success);
        static_cast<void>(clients.back().send_channel_data(0x4000, "hello"));
    }
    for (auto passed = 0s; passed < 10s; passed += step) node.jump(step);
    CHECK(node.observer.all<session_progress>().size() == 25);
}

TEST_CASE("a session's end has exact counters and the reason", "[session]") {
    world node;
    test_client client{node, "198.51.100.7:40000", net::transport::tcp};
    client.allocate();
    REQUIRE(client.bind(0x4000, "9.9.9.9:7").code() == success);
    exchange(node, client);
    node.pass(10s);
    exchange(node, client);

    const auto reason = GENERATE(end_reason::client_released, end_reason::connection_closed,
                                 end_reason::terminated, end_reason::shutdown);
    switch (reason) {
        case end_reason::client_released:
            REQUIRE(client.ask(method::refresh, {lifetime(0s)}).code() == success);
            break;
        case end_reason::connection_closed:
            node.server.on_client_closed(node.now, client.path);
            break;
        default:
            node.server.end_all(node.now, reason);
    }
    const auto ended = node.observer.all<session_ended>();
    REQUIRE(ended.size() == 1);
    CHECK(ended[0].id == node.observer.all<session_started>()[0].id);
    CHECK(ended[0].reason == reason);
    CHECK(ended[0].traffic == exchanged(2));
    CHECK(ended[0].sequence == 2);
    CHECK(ended[0].at == node.now.wall);
    CHECK(node.ports.open_ports() == 0);
    CHECK(node.admission.sessions() == 0);
    CHECK_FALSE(node.server.has_allocation(client.path));
}

TEST_CASE("a connection that closes late does not take its successor's allocation along", "[session]") {
    world node;
    test_client client{node, "198.51.100.7:40000", net::transport::tcp};
    client.allocate();
    auto earlier = client.path;
    earlier.handle = client.path.handle - 1;
    node.server.on_client_closed(node.now, earlier);
    CHECK(node.server.allocations() == 1);
    node.server.on_client_closed(node.now, client.path);
    CHECK(node.server.allocations() == 0);
}

TEST_CASE("end_all ends every session and says how each went", "[session]") {
    world node;
    for (int i = 0; i < 5; ++i) {
        test_client{node, "198.51.100.7:4000" + std::to_string(i)}.allocate();
    }
    CHECK(node.server.allocations() == 5);
    node.server.end_all(node.now, end_reason::shutdown);
    CHECK(node.server.allocations() == 0);
    CHECK(node.observer.all<session_ended>().size() == 5);
}

TEST_CASE("a port that ends is given out again, to a client that hears nothing of the one before",
          "[session]") {
    world node;
    test_client first{node, "198.51.100.7:40000"};
    first.allocate();
    REQUIRE(first.permit("9.9.9.9:7").code() == success);
    REQUIRE(first.ask(method::refresh, {lifetime(0s)}).code() == success);
    test_client second{node, "198.51.100.8:40000"};
    second.allocate();
    CHECK_FALSE(node.server.on_peer(node.now, {0}, at("9.9.9.9:7"), bytes_of("x")));
}

TEST_CASE("requests are counted by method", "[counters]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    client.allocate();
    client.permit("9.9.9.9:7");
    const auto totals = node.totals();
    CHECK(totals.requests[static_cast<std::size_t>(method::allocate)] == 2);
    CHECK(totals.requests[static_cast<std::size_t>(method::create_permission)] == 1);
    CHECK(totals.errors_of(401) == 1);

    auto sum = totals;
    sum += totals;
    CHECK(sum.errors_of(401) == 2);
    CHECK(sum.requests[static_cast<std::size_t>(method::allocate)] == 4);
}
