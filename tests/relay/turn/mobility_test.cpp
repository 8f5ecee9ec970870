// RFC 8016 within one worker; moves between workers are in mobility_crossing_test.cpp.
#include "tests/relay/turn/test_client.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <utility>

using namespace turnix;
using namespace turnix::turn_test;
using contract::end_reason;

namespace {

constexpr auto ticket_type = attribute_type::mobility_ticket;

void allow(contract::relay_settings& settings) { settings.mobility.enabled = true; }

struct mobile_node : world {
    mobile_node() : world{allow} {}
};

/// A client with a channel to a peer, and its ticket.
struct mobile_talker {
    explicit mobile_talker(world& node, net::transport over = net::transport::udp)
        : client{node, "198.51.100.7:40000", over}, first{client.path}, ticket{client.allocate_mobile()} {
        REQUIRE(client.bind(0x4000, "9.9.9.9:7").code() == success);
    }

    test_client client;
    turn::client_path first;
    std::string ticket;
};

const net::endpoint peer_address = at("9.9.9.9:7");

/// Where what the peer sends goes to.
net::endpoint client_of(world& node) {
    const auto out = node.server.on_peer(node.now, {0}, peer_address, bytes_of("down"));
    REQUIRE(out.has_value());
    return out->path.client;
}

bool sends(test_client& client) {
    return std::holds_alternative<turn::to_peer>(client.send_channel_data(0x4000, "up"));
}

}  // namespace

TEST_CASE("RFC 8016 3.1.2: an empty MOBILITY-TICKET gets a ticket, the same for a retransmission",
          "[rfc8016]") {
    mobile_node node;
    test_client client{node, "198.51.100.7:40000"};
    const auto id = client.next_id();
    const attributes mobile{udp(), raw(ticket_type, "")};
    const auto answer = client.ask(method::allocate, mobile, {.id = id});
    REQUIRE(answer.code() == success);
    const auto ticket = answer.text(ticket_type);
    CHECK(ticket.size() == turn::ticket_sealer::characters);
    CHECK(ticket.find('\0') == std::string::npos);
    CHECK(client.ask(method::allocate, mobile, {.id = id}).text(ticket_type) == ticket);
    CHECK(node.mobility.sessions().size() == 1);
}

TEST_CASE("RFC 8016 3.1.2: who does not ask for a ticket gets none", "[rfc8016]") {
    mobile_node node;
    test_client client{node, "198.51.100.7:40000"};
    CHECK_FALSE(client.ask(method::allocate, {udp()}).has(ticket_type));
    CHECK_FALSE(client.ask(method::refresh, {}).has(ticket_type));
}

TEST_CASE("RFC 8016 3.1.2: a ticket in an Allocate that is not empty is 400", "[rfc8016]") {
    mobile_node node;
    test_client client{node, "198.51.100.7:40000"};
    CHECK(client.ask(method::allocate, {udp(), raw(ticket_type, "ticket")}).code() == 400);
}

TEST_CASE("RFC 8016 3.1.2, 3.2.2: without mobility any ticket is 405, and nothing else changes",
          "[rfc8016]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    const auto refused = client.ask(method::allocate, {udp(), raw(ticket_type, "")});
    CHECK(refused.code() == 405);
    CHECK(refused.is_signed_with(client.key()));
    client.allocate();
    CHECK(client.ask(method::refresh, {raw(ticket_type, "ticket")}).code() == 405);
    CHECK(client.ask(method::refresh, {}).code() == success);
}

TEST_CASE("RFC 8016 3.1.2: an allocation for TCP does not move: 405", "[rfc8016]") {
    world node{[](contract::relay_settings& settings) {
        settings.mobility.enabled = true;
        settings.tcp_relay.enabled = true;
    }};
    test_client client{node, "198.51.100.7:40000", net::transport::tcp};
    CHECK(client.ask(method::allocate, {transport(6), raw(ticket_type, "")}).code() == 405);
    CHECK(client.ask(method::allocate, {transport(6)}).code() == success);
}

TEST_CASE("RFC 8016 3.2.2: both 5-tuples serve until data come from the new one", "[rfc8016]") {
    mobile_node node;
    mobile_talker talker{node};
    auto old = talker.client;
    talker.client.move_to("203.0.113.50:41000");
    const auto answer = talker.client.resume(talker.ticket);
    REQUIRE(answer.code() == success);
    CHECK(answer.lifetime() == 600s);
    CHECK(answer.text(ticket_type) != talker.ticket);

    // Whoever waits for the confirmation hears and is heard where it was.
    CHECK(client_of(node) == talker.first.client);
    CHECK(sends(old));
    CHECK(old.permit("9.9.9.8:7").code() == success);
    // Requests from the new 5-tuple are the allocation's, but do not confirm it.
    CHECK(talker.client.permit("9.9.9.7:7").code() == success);
    CHECK(client_of(node) == talker.first.client);
    CHECK(node.observer.all<contract::session_moved>().empty());

    const bool by_indication = GENERATE(true, false);
    if (by_indication) {
        talker.client.send_indication({peer("9.9.9.9:7"), data("up")});
    } else {
        CHECK(sends(talker.client));
    }
    CHECK(client_of(node) == talker.client.path.client);
    CHECK_FALSE(sends(old));
    CHECK(old.permit("9.9.9.8:7").code() == 437);
    CHECK(node.server.allocations() == 1);

    const auto moved = node.observer.all<contract::session_moved>();
    REQUIRE(moved.size() == 1);
    CHECK(moved[0].session.id == node.observer.all<contract::session_started>()[0].id);
    CHECK(moved[0].session.client == talker.client.path.client);
    CHECK(moved[0].traffic.downlink_packets == 2);
}

TEST_CASE("RFC 8016 3.2.2: the retransmission of a Refresh is answered as the first was", "[rfc8016]") {
    mobile_node node;
    mobile_talker talker{node};
    talker.client.move_to("203.0.113.50:41000");
    const deviation same{.id = talker.client.next_id()};
    const attributes with{raw(ticket_type, talker.ticket)};
    const auto answer = talker.client.ask(method::refresh, with, same);
    REQUIRE(answer.code() == success);
    CHECK(talker.client.ask(method::refresh, with, same).message() == answer.message());
    CHECK(sends(talker.client));
    node.pass(30s);
    CHECK(talker.client.ask(method::refresh, with, same).message() == answer.message());
}

TEST_CASE("RFC 8016 3.2.2: tickets that do not do", "[rfc8016]") {
    mobile_node node;
    mobile_talker talker{node};
    auto& client = talker.client;
    SECTION("a forged one is 400") {
        client.move_to("203.0.113.50:41000");
        for (std::size_t at = 0; at < talker.ticket.size(); ++at) {
            auto forged = talker.ticket;
            forged[at] = forged[at] == 'A' ? 'B' : 'A';
            CHECK(client.resume(forged).code() == 400);
        }
        CHECK(client.resume("").code() == 400);
        CHECK(client.resume(talker.ticket.substr(1)).code() == 400);
        CHECK(client.resume(talker.ticket + "A").code() == 400);
        mobile_node other;
        mobile_talker elsewhere{other};
        CHECK(client.resume(elsewhere.ticket).code() == 400);
    }
    SECTION("one from the 5-tuple that it was given to is 400") {
        CHECK(client.resume(talker.ticket).code() == 400);
        CHECK(sends(client));
    }
    SECTION("one that was used is 400, from wherever it comes, and what came before it too") {
        const auto before = talker.ticket;
        const auto used = client.ask(method::refresh, {}).text(ticket_type);
        client.move_to("203.0.113.50:41000");
        const auto next = client.resume(used).text(ticket_type);
        CHECK(client.resume(used).code() == 400);
        client.move_to("203.0.113.51:41000");
        CHECK(client.resume(used).code() == 400);
        CHECK(client.resume(before).code() == 400);
        CHECK(client.resume(next).code() == success);
    }
    SECTION("one of an allocation that has ended is 437") {
        CHECK(client.ask(method::refresh, {lifetime(0s)}).code() == success);
        client.move_to("203.0.113.50:41000");
        CHECK(client.resume(talker.ticket).code() == 437);
    }
    SECTION("one on a 5-tuple with another allocation is 437") {
        client.move_to("203.0.113.50:41000");
        client.allocate();
        CHECK(client.resume(talker.ticket).code() == 437);
    }
    SECTION("another user's is 441, and moves nothing") {
        test_client thief{node, "203.0.113.66:6666"};
        const auto answer = thief.resume(talker.ticket);
        CHECK(answer.code() == 441);
        CHECK(answer.is_signed_with(thief.key()));
        CHECK(client_of(node) == talker.first.client);
    }
    SECTION("one without the password is 401") {
        client.move_to("203.0.113.50:41000");
        CHECK(
            client.ask(method::refresh, {raw(ticket_type, talker.ticket)}, {.password = "guessed"}).code() ==
            401);
        CHECK(client.ask_unsigned(method::refresh, {raw(ticket_type, talker.ticket)}).code() == 401);
    }
    SECTION("one with a nonce of the former address is 438: the new address has not been shown to be its") {
        const auto nonce = client.nonce;
        client.move_to("203.0.113.50:41000");
        client.nonce = nonce;
        CHECK(client.resume(talker.ticket).code() == 438);
    }
}

TEST_CASE("RFC 8016 3.2.2: a move that is not granted leaves everything as it was", "[rfc8016]") {
    mobile_node node;
    mobile_talker talker{node};
    talker.client.move_to("203.0.113.50:41000");
    CHECK(talker.client.resume(talker.ticket, {family(2)}).code() == 443);
    CHECK(talker.client.resume(talker.ticket, {raw(attribute_type::lifetime, "1")}).code() == 400);
    CHECK_FALSE(node.server.has_allocation(talker.client.path));
    CHECK(talker.client.resume(talker.ticket).code() == success);
}

TEST_CASE("RFC 8016 3.2.2: a Refresh with a ticket and a lifetime of 0 deletes", "[rfc8016]") {
    mobile_node node;
    mobile_talker talker{node};
    talker.client.move_to("203.0.113.50:41000");
    const auto answer = talker.client.resume(talker.ticket, {lifetime(0s)});
    CHECK(answer.code() == success);
    CHECK(answer.lifetime() == 0s);
    CHECK(node.server.allocations() == 0);
    CHECK(node.ports.open_ports() == 0);
    CHECK(node.mobility.sessions().size() == 0);
}

TEST_CASE("a mobile client's later Refreshes renew its ticket, and each serves until one is used",
          "[rfc8016]") {
    mobile_node node;
    mobile_talker talker{node};
    const auto renewed = talker.client.ask(method::refresh, {}).text(ticket_type);
    CHECK(renewed != talker.ticket);
    const auto used = GENERATE(true, false) ? renewed : talker.ticket;
    talker.client.move_to("203.0.113.50:41000");
    CHECK(talker.client.resume(used).code() == success);
}

TEST_CASE("at most one move is pending: the next one takes its place", "[rfc8016]") {
    mobile_node node;
    mobile_talker talker{node};
    auto second = talker.client;
    second.move_to("203.0.113.50:41000");
    auto ticket = second.resume(talker.ticket).text(ticket_type);
    auto third = talker.client;
    third.move_to("203.0.113.51:41000");
    CHECK(third.resume(ticket).code() == success);

    CHECK_FALSE(node.server.has_allocation(second.path));
    CHECK_FALSE(sends(second));
    CHECK(client_of(node) == talker.first.client);
    CHECK(sends(third));
    CHECK(client_of(node) == third.path.client);
    CHECK(node.server.allocations() == 1);
}

TEST_CASE("a credential that is bound to an address or transport does not move away from it: 403",
          "[rfc8016]") {
    mobile_node node;
    auto claims = node.claims();
    claims.allowed_client = ip("198.51.100.7");
    test_client client{node, "198.51.100.7:40000", claims};
    const auto ticket = client.allocate_mobile();
    client.move_to("198.51.100.8:40000");
    CHECK(client.resume(ticket).code() == 403);
    client.move_to("198.51.100.7:50000");
    CHECK(client.resume(ticket).code() == success);
}

TEST_CASE("the end of a mobile client's connection does not end its allocation", "[rfc8016]") {
    mobile_node node;
    mobile_talker talker{node, net::transport::tcp};
    node.server.on_client_closed(node.now, talker.client.path);
    CHECK(node.server.allocations() == 1);
    CHECK(node.admission.sessions() == 1);
    CHECK_FALSE(node.server.has_allocation(talker.client.path));
    CHECK_FALSE(node.server.on_peer(node.now, {0}, peer_address, bytes_of("down")).has_value());
    CHECK(node.drops(turn::drop_reason::no_client) == 1);
    SECTION("its client comes back over another, and is followed at once") {
        const auto over = GENERATE(net::transport::udp, net::transport::tls);
        talker.client.move_to("203.0.113.50:41000");
        talker.client.path.transport = over;
        CHECK(talker.client.resume(talker.ticket).code() == success);
        CHECK(client_of(node) == talker.client.path.client);
        CHECK(sends(talker.client));
    }
    SECTION("over a new one of the same 5-tuple") {
        ++talker.client.path.handle;
        CHECK_FALSE(sends(talker.client));
        CHECK(talker.client.resume(talker.ticket).code() == success);
        CHECK(sends(talker.client));
    }
    SECTION("or its lifetime runs out") {
        node.pass(601s);
        CHECK(node.server.allocations() == 0);
        CHECK(node.admission.sessions() == 0);
        CHECK(node.ports.open_ports() == 0);
        const auto ended = node.observer.all<contract::session_ended>();
        REQUIRE(ended.size() == 1);
        CHECK(ended[0].reason == end_reason::lifetime_expired);
    }
}

TEST_CASE("RFC 8016 3.2.2: the end of the old connection confirms the new one", "[rfc8016]") {
    mobile_node node;
    mobile_talker talker{node, net::transport::tcp};
    talker.client.move_to("203.0.113.50:41000");
    REQUIRE(talker.client.resume(talker.ticket).code() == success);
    node.server.on_client_closed(node.now, talker.first);
    CHECK(client_of(node) == talker.client.path.client);
}

TEST_CASE("the end of the new connection leaves the old one in service", "[rfc8016]") {
    mobile_node node;
    mobile_talker talker{node, net::transport::tcp};
    talker.client.move_to("203.0.113.50:41000");
    REQUIRE(talker.client.resume(talker.ticket).code() == success);
    auto successor = talker.client.path;
    ++successor.handle;
    node.server.on_client_closed(node.now, successor);
    CHECK(node.server.has_allocation(talker.client.path));
    node.server.on_client_closed(node.now, talker.client.path);
    CHECK_FALSE(node.server.has_allocation(talker.client.path));
    CHECK(client_of(node) == talker.first.client);
}

TEST_CASE("a quota of 1 admits 1, however often its client moves and asks again", "[rfc8016]") {
    mobile_node node;
    auto claims = node.claims();
    claims.limits.allocations_max = 1;
    test_client client{node, "198.51.100.7:40000", claims, net::transport::tcp};
    auto ticket = client.allocate_mobile();
    for (int round = 0; round < 100; ++round) {
        node.server.on_client_closed(node.now, client.path);
        client.move_to("203.0.113.50:" + std::to_string(41'000 + round));
        CHECK(client.ask(method::allocate, {udp()}).code() == 486);
        const auto answer = client.resume(ticket);
        REQUIRE(answer.code() == success);
        ticket = answer.text(ticket_type);
        REQUIRE(node.admission.sessions() == 1);
    }
}

TEST_CASE("a flood of resumes that are not authentic leaves no trace", "[rfc8016]") {
    mobile_node node;
    mobile_talker talker{node};
    test_client stranger{node, "203.0.113.66:6666"};
    for (int i = 0; i < 1'000; ++i) {
        stranger.path.client.port = static_cast<std::uint16_t>(1'000 + i);
        stranger.nonce.clear();
        static_cast<void>(stranger.ask_unsigned(method::refresh, {raw(ticket_type, talker.ticket)}));
        CHECK_FALSE(node.server.has_allocation(stranger.path));
    }
    CHECK(node.mailboxes[0].empty());
    CHECK(node.mailboxes[1].empty());
    CHECK(client_of(node) == talker.first.client);
}
