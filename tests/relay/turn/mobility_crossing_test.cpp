// RFC 8016 between two workers: the session goes to where its client arrives.
#include "relay/turn/distant_sessions.hpp"
#include "tests/relay/turn/test_client.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace turnix;
using namespace turnix::turn_test;

namespace {

constexpr auto ticket_type = attribute_type::mobility_ticket;

/// A client at worker 0 that has said at worker 1 that it moves there.
struct crossing_client {
    explicit crossing_client(net::transport over = net::transport::udp)
        : old{node, "198.51.100.7:40000", over},
          ticket{old.allocate_mobile()},
          client{bound(old)},
          relayed{at("203.0.113.10:50000")} {
        client.move_to("203.0.113.50:41000", 1);
        const auto answer = client.resume(ticket);
        REQUIRE(answer.code() == success);
        ticket = answer.text(ticket_type);
    }

    /// Where what the peer sends goes to, by worker.
    std::optional<net::endpoint> heard_at(turn::worker_number worker) {
        const auto out = node.worker(worker).on_peer(node.now, {0}, at("9.9.9.9:7"), bytes_of("down"));
        return out ? std::optional{out->path.client} : std::nullopt;
    }
    void check_balance(std::size_t live) {
        CHECK(node.server.allocations() + node.second.allocations() == live);
        CHECK(node.ports.open_ports() + node.second_ports.open_ports() == live);
        CHECK(node.ports.reserved_ports() + node.second_ports.reserved_ports() == 0);
        CHECK(node.admission.sessions() == live);
        CHECK(node.mobility.sessions().size() == live);
    }

    world node{[](contract::relay_settings& settings) { settings.mobility.enabled = true; }};
    test_client old;
    std::string ticket;
    test_client client;
    net::endpoint relayed;

  private:
    static test_client bound(test_client& one) {
        REQUIRE(one.bind(0x4000, "9.9.9.9:7").code() == success);
        return one;
    }
};

bool sends(test_client& client) {
    return std::holds_alternative<turn::to_peer>(client.send_channel_data(0x4000, "up"));
}

}  // namespace

TEST_CASE("RFC 8016 3.2.2: until data come the session stays, and answers at the other worker", "[rfc8016]") {
    crossing_client moving;
    CHECK(moving.node.server.allocations() == 1);
    CHECK(moving.heard_at(0) == moving.old.path.client);
    CHECK(sends(moving.old));
    CHECK(moving.client.permit("9.9.9.8:7").code() == success);
    CHECK(moving.client.ask(method::allocate, {udp()}).code() == 437);
    CHECK(moving.node.second.has_allocation(moving.client.path));
    moving.check_balance(1);
}

TEST_CASE("RFC 8016 3.2.2: with data the session follows, with everything that it has", "[rfc8016]") {
    crossing_client moving;
    auto& node = moving.node;
    REQUIRE(moving.heard_at(0).has_value());
    // These come before the session does; none is lost, and their order is kept.
    const std::vector<std::string> said{"one", "two", "three"};
    for (const auto& each : said) {
        CHECK(std::holds_alternative<turn::silence>(moving.client.send_channel_data(0x4000, each)));
    }
    node.deliver_all();
    REQUIRE(node.second_crossings.carried.size() == said.size());
    for (std::size_t i = 0; i < said.size(); ++i) {
        const auto& carried = node.second_crossings.carried[i];
        REQUIRE(carried.to_peer.has_value());
        CHECK(carried.to_peer->peer == at("9.9.9.9:7"));
        CHECK(text_of(carried.message) == said[i]);
    }

    CHECK(node.server.allocations() == 0);
    CHECK(moving.heard_at(1) == moving.client.path.client);
    CHECK(node.own_ports.advertised_of(at("192.0.2.10:50000")) == moving.relayed);
    CHECK(sends(moving.client));
    CHECK_FALSE(sends(moving.old));
    CHECK(moving.client.bind(0x4000, "9.9.9.9:7").code() == success);
    moving.check_balance(1);

    const auto started = node.observer.all<contract::session_started>();
    const auto moved = node.observer.all<contract::session_moved>();
    REQUIRE(moved.size() == 1);
    CHECK(moved[0].session.id == started[0].id);
    CHECK(moved[0].session.client == moving.client.path.client);
    CHECK(moved[0].session.at == started[0].at);
    CHECK(moved[0].traffic.downlink_packets == 1);

    node.pass(601s);
    moving.check_balance(0);
    const auto ended = node.observer.all<contract::session_ended>();
    REQUIRE(ended.size() == 1);
    CHECK(ended[0].traffic.uplink_packets == 4);
    CHECK(ended[0].sequence > moved[0].sequence);
}

TEST_CASE("RFC 8016 3.2.2: until it is told of, who looks for a session that arrived goes where it was",
          "[rfc8016]") {
    crossing_client moving;
    auto& node = moving.node;
    const auto id = node.mobility.sessions().at(0);
    static_cast<void>(moving.client.send_channel_data(0x4000, "up"));
    node.crossings.after_post = [&] {
        while (node.deliver(1)) {
        }
        CHECK(node.second.allocations() == 1);
        // Else it could move on from there, and what is told of it last would be of the time before.
        CHECK(node.mobility.worker_of(id) == turn::worker_number{0});
    };
    node.deliver_all();
    CHECK(node.mobility.worker_of(id) == turn::worker_number{1});
    moving.check_balance(1);
}

TEST_CASE("a session that ends where it arrives before it is told of is not told of", "[rfc8016]") {
    crossing_client moving;
    auto& node = moving.node;
    static_cast<void>(moving.client.send_channel_data(0x4000, "up"));
    node.crossings.after_post = [&] {
        while (node.deliver(1)) {
        }
        node.second.end_all(node.now, contract::end_reason::terminated);
    };
    node.deliver_all();
    moving.check_balance(0);
}

TEST_CASE("a session that has ended leaves nothing that begins another one at its worker", "[rfc8016]") {
    crossing_client moving;
    auto& node = moving.node;
    node.server.end_all(node.now, contract::end_reason::client_released);
    // It still goes the way of the session that was.
    CHECK(moving.client.ask(method::allocate, {udp()}).code() == 437);
    CHECK(node.server.allocations() == 0);
    moving.client.allocate();
    CHECK(node.second.allocations() == 1);
}

TEST_CASE("permissions and channels end when they would have ended without the move", "[rfc8016]") {
    crossing_client moving;
    moving.node.pass(299s);
    static_cast<void>(moving.client.send_channel_data(0x4000, "up"));
    moving.node.deliver_all();
    CHECK(moving.heard_at(1).has_value());
    moving.node.pass(1s);
    CHECK_FALSE(moving.heard_at(1).has_value());
}

TEST_CASE("a session moves on and back again with the tickets that it was given", "[rfc8016]") {
    crossing_client moving;
    for (int round = 0; round < 20; ++round) {
        const auto to = static_cast<turn::worker_number>(round % 2);
        static_cast<void>(moving.client.send_channel_data(0x4000, "up"));
        moving.node.deliver_all();
        moving.client.move_to("203.0.113.51:" + std::to_string(42'000 + round), to);
        const auto answer = moving.client.resume(moving.ticket);
        REQUIRE(answer.code() == success);
        moving.ticket = answer.text(ticket_type);
    }
    moving.check_balance(1);
}

TEST_CASE("a retransmitted Refresh, and a second move, find a session that is on its way", "[rfc8016]") {
    crossing_client moving;
    auto& node = moving.node;
    auto third = moving.client;
    third.move_to("203.0.113.52:43000", 0);
    const attributes with{raw(ticket_type, moving.ticket)};
    CHECK(third.ask_unsigned(method::refresh, with).code() == 401);
    third.nonce = third.ask_unsigned(method::refresh, with).text(attribute_type::nonce);

    static_cast<void>(moving.client.send_channel_data(0x4000, "up"));
    REQUIRE(node.deliver(0));  // claimed: it leaves
    CHECK(node.server.allocations() + node.second.allocations() == 0);
    CHECK(node.admission.sessions() == 1);
    CHECK(node.own_ports.advertised_of(at("192.0.2.10:50000")) == moving.relayed);
    CHECK(third.ask(method::refresh, with).code() == success);
    CHECK(node.second.allocations() == 1);
    moving.check_balance(1);
}

TEST_CASE("another user's ticket asks nothing of another worker: 441", "[rfc8016]") {
    crossing_client moving;
    test_client thief{moving.node, "203.0.113.66:6666"};
    thief.worker = 1;
    thief.nonce = thief.ask_unsigned(method::refresh, {}).text(attribute_type::nonce);
    const auto request = thief.build(method::refresh, {raw(ticket_type, moving.ticket)});
    CHECK(answered::from(thief.send(request)).code() == 441);
    CHECK(moving.node.mailboxes[0].empty());
}

TEST_CASE("the new connection's end, before data or after, loses nothing", "[rfc8016]") {
    crossing_client moving{net::transport::tcp};
    auto& node = moving.node;
    SECTION("before: the old one serves on") {
        node.second.on_client_closed(node.now, moving.client.path);
        CHECK_FALSE(node.second.has_allocation(moving.client.path));
        node.deliver_all();
        CHECK(moving.heard_at(0) == moving.old.path.client);
        CHECK_FALSE(node.server.has_allocation(moving.client.path));
    }
    SECTION("while the session is on its way: it waits for its client") {
        static_cast<void>(moving.client.send_channel_data(0x4000, "up"));
        REQUIRE(node.deliver(0));
        node.second.on_client_closed(node.now, moving.client.path);
        node.deliver_all();
        CHECK(node.second.allocations() == 1);
        CHECK_FALSE(node.second.has_allocation(moving.client.path));
        moving.client.move_to("203.0.113.53:44000", 0);
        CHECK(moving.client.resume(moving.ticket).code() == success);
        node.deliver_all();
        CHECK(moving.heard_at(0) == moving.client.path.client);
    }
    moving.check_balance(1);
}

TEST_CASE("the old connection's end sends the session after its client", "[rfc8016]") {
    crossing_client moving{net::transport::tcp};
    moving.node.server.on_client_closed(moving.node.now, moving.old.path);
    moving.node.deliver_all();
    CHECK(moving.heard_at(1) == moving.client.path.client);
    moving.check_balance(1);
}

TEST_CASE("what a session leaves behind at another worker goes with it", "[rfc8016]") {
    crossing_client moving;
    auto& node = moving.node;
    SECTION("it ends") { CHECK(moving.old.ask(method::refresh, {lifetime(0s)}).code() == success); }
    SECTION("it ends at the request of the new 5-tuple") {
        CHECK(moving.client.ask(method::refresh, {lifetime(0s)}).code() == success);
    }
    SECTION("it is expected elsewhere") {
        auto third = moving.client;
        third.move_to("203.0.113.52:43000", 0);
        CHECK(third.resume(moving.ticket).code() == success);
    }
    // Data in the same moment: the claim comes too late.
    static_cast<void>(moving.client.send_channel_data(0x4000, "up"));
    node.deliver_all();
    CHECK_FALSE(node.second.has_allocation(moving.client.path));
    CHECK(node.second_crossings.carried.empty());
    CHECK(moving.client.permit("9.9.9.8:7").code() == 437);
}

TEST_CASE("a session whose port the other worker cannot serve ends, and leaves nothing", "[rfc8016]") {
    crossing_client moving;
    moving.node.second_ports.refuses_reserved = true;
    static_cast<void>(moving.client.send_channel_data(0x4000, "up"));
    moving.node.deliver_all();
    moving.check_balance(0);
    CHECK_FALSE(moving.node.own_ports.advertised_of(at("192.0.2.10:50000")).has_value());
    const auto ended = moving.node.observer.all<contract::session_ended>();
    REQUIRE(ended.size() == 1);
    CHECK(ended[0].reason == contract::end_reason::relay_failed);
}

TEST_CASE("what waits for a session on its way is bounded", "[rfc8016]") {
    crossing_client moving;
    auto& node = moving.node;
    const auto waiting_max = turn::distant_session::waiting_max;
    for (std::size_t i = 0; i < waiting_max + 5; ++i) {
        static_cast<void>(moving.client.send_channel_data(0x4000, "up"));
    }
    CHECK(node.second.counters().totals().drops_of(turn::drop_reason::moving) == 5);
    node.deliver_all();
    CHECK(node.second_crossings.carried.size() == waiting_max);
}
