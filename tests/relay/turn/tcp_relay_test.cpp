// RFC 6062 as the core sees it: which requests are granted, what clients are told, and when connections end.
#include "relay/turn/connection_table.hpp"
#include "tests/relay/turn/test_client.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <utility>

using namespace turnix;
using namespace turnix::turn_test;
using turn::drop_reason;

namespace {

std::function<void(stun::message_writer&)> tcp() { return transport(6); }

std::function<void(stun::message_writer&)> connection(stun::connection_id id) {
    return [=](stun::message_writer& out) { stun::add_connection_id(out, id); };
}

/// A node that relays TCP, and one client of it over a stream.
struct tcp_world {
    explicit tcp_world(const world::adjustment& adjust = [](contract::relay_settings&) {})
        : node{[&](contract::relay_settings& settings) {
              settings.tcp_relay.enabled = true;
              adjust(settings);
          }} {}

    test_client client_at(const char* address, net::transport over = net::transport::tcp) {
        return test_client{node, address, over};
    }
    /// Another connection of the same user.
    test_client data_connection(const test_client& of, net::transport over = net::transport::tcp) {
        auto other = client_at("198.51.100.7:50001", over);
        other.credential = of.credential;
        return other;
    }
    /// A peer connects, or is connected to; what the client is told.
    answered arrive(const char* peer) {
        return told(node.server.on_peer_accepted(node.now, {0}, at(peer), stream()));
    }
    answered connected(const char* peer) {
        return told(node.server.on_peer_connected(node.now, {0}, at(peer), stream()));
    }
    answered failed(const char* peer) {
        return told(node.server.on_peer_connected(node.now, {0}, at(peer), nullptr));
    }
    std::unique_ptr<turn::peer_stream> stream() { return std::make_unique<fake_stream>(open_streams); }
    static answered told(const std::optional<turn::notice>& notice) {
        return notice ? answered{{notice->message.begin(), notice->message.end()}} : answered{};
    }
    /// Takes what the bind has found; throws when it was refused.
    turn::waiting_connection bind(test_client& from, stun::connection_id id) {
        const auto effect = from.send(from.build(method::connection_bind, {connection(id)}));
        return std::move(*std::get<turn::splice>(effect).with);
    }
    contract::session_ended ended() const { return node.observer.all<contract::session_ended>().at(0); }

    int open_streams{0};
    world node;
};

stun::connection_id id_of(const answered& message) {
    const auto text = message.text(attribute_type::connection_id);
    return stun::decode_connection_id(std::as_bytes(std::span{text})).value();
}

}  // namespace

TEST_CASE("RFC 6062 5.1: TCP is relayed when it is enabled, for clients over streams",
          "[rfc6062][allocate]") {
    const auto [enabled, over, code] = GENERATE(table<bool, net::transport, int>({
        {false, net::transport::tcp, 442},
        {false, net::transport::udp, 442},
        {true, net::transport::udp, 400},
        {true, net::transport::dtls, 400},
        {true, net::transport::tcp, success},
        {true, net::transport::tls, success},
    }));
    const bool is_enabled = enabled;
    tcp_world with{[&](auto& settings) { settings.tcp_relay.enabled = is_enabled; }};
    auto client = with.client_at("198.51.100.7:40000", over);
    CHECK(client.ask(method::allocate, {tcp()}).code() == code);
    CHECK(with.node.ports.open_ports() == (code == success ? 1 : 0));
}

TEST_CASE("RFC 6062 5.1: attributes for datagrams are 400 with TCP", "[rfc6062][allocate]") {
    tcp_world with;
    auto client = with.client_at("198.51.100.7:40000");
    const auto wrong = GENERATE(raw(attribute_type::dont_fragment, ""), even_port(false), even_port(true),
                                token("12345678"));
    CHECK(client.ask(method::allocate, {tcp(), wrong}).code() == 400);
    CHECK(with.node.server.allocations() == 0);
}

TEST_CASE("RFC 6062 5.1: a TCP port is allocated, without a reservation token", "[rfc6062][allocate]") {
    tcp_world with;
    auto client = with.client_at("198.51.100.7:40000");
    const auto answer = client.ask(method::allocate, {tcp(), lifetime(600s)});
    REQUIRE(answer.code() == success);
    CHECK(with.node.ports.requests.back().tcp);
    CHECK(answer.address(attribute_type::xor_relayed_address).address == ip("203.0.113.10"));
    CHECK(answer.lifetime() == 600s);
    CHECK_FALSE(answer.has(attribute_type::reservation_token));
    CHECK(client.ask(method::refresh, {lifetime(0s)}).code() == success);
    CHECK(with.node.ports.open_ports() == 0);
}

TEST_CASE("RFC 6062 5.2: CONNECT is checked before anything is begun", "[rfc6062][connect]") {
    tcp_world with;
    auto client = with.client_at("198.51.100.7:40000");
    SECTION("437 without an allocation") {
        CHECK(client.ask(method::connect, {peer("9.9.9.9:7")}).code() == 437);
    }
    SECTION("403 on an allocation for datagrams") {
        client.allocate();
        CHECK(client.ask(method::connect, {peer("9.9.9.9:7")}).code() == 403);
    }
    SECTION("441 for another user") {
        REQUIRE(client.ask(method::allocate, {tcp()}).code() == success);
        auto other = with.client_at("198.51.100.7:40000");
        CHECK(other.ask(method::connect, {peer("9.9.9.9:7")}).code() == 441);
    }
    SECTION("401 unsigned") {
        REQUIRE(client.ask(method::allocate, {tcp()}).code() == success);
        CHECK(client.ask_unsigned(method::connect, {peer("9.9.9.9:7")}).code() == 401);
    }
    SECTION("each attribute") {
        REQUIRE(client.ask(method::allocate, {tcp()}).code() == success);
        CHECK(client.ask(method::connect, {}).code() == 400);
        CHECK(client.ask(method::connect, {raw(attribute_type::xor_peer_address, "1234")}).code() == 400);
        const auto [named, code] = GENERATE(table<const char*, int>({
            {"9.9.9.9:0", 400},
            {"[2a00::1]:7", 443},
            {"10.0.0.1:7", 403},
            {"127.0.0.1:22", 403},
            {"0.0.0.0:7", 403},
            {"169.254.169.254:80", 403},
            {"192.0.2.1:3478", 403},     // the node's own listener
            {"203.0.113.10:3478", 403},  // an address with relay ports, but none of them
        }));
        CHECK(client.ask(method::connect, {peer(named)}).code() == code);
    }
    CHECK(with.node.ports.connects.empty());
}

TEST_CASE("RFC 6062 5.2: CONNECT is answered when the connection stands", "[rfc6062][connect]") {
    tcp_world with;
    auto client = with.client_at("198.51.100.7:40000");
    REQUIRE(client.ask(method::allocate, {tcp()}).code() == success);
    const auto transaction = client.next_id();
    const bool fingerprint = GENERATE(false, true);
    REQUIRE(client.ask(method::connect, {peer("9.9.9.9:7")}, {.id = transaction, .fingerprint = fingerprint})
                .code() == silence);
    REQUIRE(with.node.ports.connects.size() == 1);
    CHECK(with.node.ports.connects[0].second == at("9.9.9.9:7"));

    SECTION("success with CONNECTION-ID") {
        const auto answer = with.connected("9.9.9.9:7");
        REQUIRE(answer.code() == success);
        CHECK(answer.has(attribute_type::connection_id));
        CHECK(answer.has(attribute_type::fingerprint) == fingerprint);
        CHECK(answer.is_signed_with(client.key()));
        const auto view = stun::message_view::parse(answer.message()).value();
        CHECK(view.header() ==
              stun::message_header{method::connect, stun::message_class::success_response, transaction});
        CHECK(with.open_streams == 1);
        CHECK(with.node.connections.size() == 1);
    }
    SECTION("447 when it failed") {
        const auto answer = with.failed("9.9.9.9:7");
        CHECK(answer.code() == 447);
        CHECK(answer.is_signed_with(client.key()));
        CHECK(client.ask(method::connect, {peer("9.9.9.9:7")}).code() == silence);
    }
    SECTION("nothing when the allocation has ended meanwhile") {
        REQUIRE(client.ask(method::refresh, {lifetime(0s)}).code() == success);
        CHECK(with.connected("9.9.9.9:7").code() == silence);
        CHECK(with.open_streams == 0);
    }
    SECTION("nothing for a peer that nobody asked for") {
        CHECK(with.connected("9.9.9.9:8").code() == silence);
        CHECK(with.open_streams == 0);
    }
}

TEST_CASE("RFC 8489 9.2.4: the late answer is signed as its CONNECT was", "[rfc6062][connect]") {
    tcp_world with;
    auto client = with.client_at("198.51.100.7:40000");
    client.algorithm = stun::password_algorithm::sha256;
    REQUIRE(client.ask(method::allocate, {tcp()}).code() == success);
    REQUIRE(client.ask(method::connect, {peer("9.9.9.9:7")}).code() == silence);
    REQUIRE(client.ask(method::connect, {peer("9.9.9.9:8")}).code() == silence);
    CHECK(with.connected("9.9.9.9:7").is_sha256_signed_with(client.key()));
    CHECK(with.failed("9.9.9.9:8").is_sha256_signed_with(client.key()));
}

TEST_CASE("RFC 6062 5.2: a CONNECT that fails at once is 447", "[rfc6062][connect]") {
    tcp_world with;
    auto client = with.client_at("198.51.100.7:40000");
    REQUIRE(client.ask(method::allocate, {tcp()}).code() == success);
    with.node.ports.refuses_connects = true;
    CHECK(client.ask(method::connect, {peer("9.9.9.9:7")}).code() == 447);
    with.node.ports.refuses_connects = false;
    CHECK(client.ask(method::connect, {peer("9.9.9.9:7")}).code() == silence);
}

TEST_CASE("RFC 6062 5.2: a second CONNECT to the same peer is 446 while there is a first",
          "[rfc6062][connect]") {
    tcp_world with;
    auto client = with.client_at("198.51.100.7:40000");
    REQUIRE(client.ask(method::allocate, {tcp()}).code() == success);
    REQUIRE(client.ask(method::connect, {peer("9.9.9.9:7")}).code() == silence);
    CHECK(client.ask(method::connect, {peer("9.9.9.9:7")}).code() == 446);  // being made
    CHECK(client.ask(method::connect, {peer("9.9.9.9:8")}).code() == silence);
    const auto id = id_of(with.connected("9.9.9.9:7"));
    CHECK(client.ask(method::connect, {peer("9.9.9.9:7")}).code() == 446);  // pending
    auto data = with.data_connection(client);
    data.nonce = data.ask_unsigned(method::connection_bind, {}).text(attribute_type::nonce);
    const auto bound = with.bind(data, id);
    CHECK(client.ask(method::connect, {peer("9.9.9.9:7")}).code() == 446);  // active
    bound.meter->end();
    CHECK(client.ask(method::connect, {peer("9.9.9.9:7")}).code() == silence);
}

TEST_CASE("connections of one allocation are bounded, and those begun in a minute", "[rfc6062][connect]") {
    tcp_world with{[](auto& settings) {
        settings.limits.tcp_connections_per_allocation_max = 2;
        settings.limits.new_peers_per_minute_max = 3;
    }};
    auto client = with.client_at("198.51.100.7:40000");
    REQUIRE(client.ask(method::allocate, {tcp()}).code() == success);
    REQUIRE(client.permit("9.9.9.9:1").code() == success);  // a new peer too
    REQUIRE(client.ask(method::connect, {peer("9.9.9.9:1")}).code() == silence);
    REQUIRE(with.arrive("9.9.9.9:2").has(attribute_type::connection_id));
    CHECK(client.ask(method::connect, {peer("9.9.9.9:3")}).code() == 508);
    CHECK(with.arrive("9.9.9.9:4").code() == silence);
    CHECK(with.node.drops(drop_reason::connection_quota) == 1);
    CHECK(with.open_streams == 1);

    REQUIRE(with.failed("9.9.9.9:1").code() == 447);
    CHECK(client.ask(method::connect, {peer("9.9.9.9:5")}).code() == silence);
    REQUIRE(with.failed("9.9.9.9:5").code() == 447);
    CHECK(client.ask(method::connect, {peer("9.9.9.9:6")}).code() == 508);
}

TEST_CASE("RFC 6062 5.3: a permitted peer's connection is told to the client", "[rfc6062][accept]") {
    tcp_world with;
    auto client = with.client_at("198.51.100.7:40000");
    REQUIRE(client.ask(method::allocate, {tcp()}).code() == success);
    REQUIRE(client.permit("9.9.9.9:1").code() == success);
    const auto told = with.arrive("9.9.9.9:40001");
    const auto view = stun::message_view::parse(told.message()).value();
    CHECK(view.header().method == method::connection_attempt);
    CHECK(view.header().message_class == stun::message_class::indication);
    CHECK(told.address(attribute_type::xor_peer_address) == at("9.9.9.9:40001"));
    CHECK(told.has(attribute_type::connection_id));
    CHECK(with.open_streams == 1);
    CHECK(id_of(with.arrive("9.9.9.9:40002")) != id_of(told));
}

TEST_CASE("RFC 6062 5.3: another peer's connection is closed at once, and nothing is told",
          "[rfc6062][accept]") {
    tcp_world with;
    auto client = with.client_at("198.51.100.7:40000");
    SECTION("no permission") {
        REQUIRE(client.ask(method::allocate, {tcp()}).code() == success);
        CHECK(with.arrive("9.9.9.9:1").code() == silence);
        CHECK(with.node.drops(drop_reason::no_permission) == 1);
    }
    SECTION("a permission that has expired") {
        REQUIRE(client.ask(method::allocate, {tcp()}).code() == success);
        REQUIRE(client.permit("9.9.9.9:1").code() == success);
        with.node.jump(300s);
        CHECK(with.arrive("9.9.9.9:1").code() == silence);
    }
    SECTION("an address of this node that is no relay port") {
        REQUIRE(client.ask(method::allocate, {tcp()}).code() == success);
        REQUIRE(client.permit("203.0.113.10:1").code() == success);
        CHECK(with.arrive("192.0.2.10:4000").code() == silence);
        CHECK(with.node.drops(drop_reason::peer_denied) == 1);
    }
    SECTION("an allocation for datagrams") {
        client.allocate();
        REQUIRE(client.permit("9.9.9.9:1").code() == success);
        CHECK(with.arrive("9.9.9.9:1").code() == silence);
        CHECK(with.node.drops(drop_reason::wrong_protocol) == 1);
    }
    CHECK(with.open_streams == 0);
    CHECK(with.node.connections.size() == 0);
}

TEST_CASE("two clients of one node are known to each other by their advertised addresses", "[rfc6062]") {
    tcp_world with;
    auto alice = with.client_at("198.51.100.7:40000");
    auto bob = with.client_at("198.51.100.8:40000");
    const auto relayed = [](answered answer) { return answer.address(attribute_type::xor_relayed_address); };
    const auto of_alice = relayed(alice.ask(method::allocate, {tcp()}));
    const auto of_bob = relayed(bob.ask(method::allocate, {tcp()}));
    REQUIRE(alice.ask(method::connect, {peer(of_bob)}).code() == silence);
    CHECK(with.node.ports.connects.back().second == net::endpoint{ip("192.0.2.10"), of_bob.port});

    REQUIRE(bob.ask(method::create_permission, {peer(of_alice)}).code() == success);
    const net::endpoint seen{ip("192.0.2.10"), of_alice.port};
    const auto told =
        tcp_world::told(with.node.server.on_peer_accepted(with.node.now, {1}, seen, with.stream()));
    CHECK(told.address(attribute_type::xor_peer_address) == of_alice);
}

TEST_CASE("RFC 6062 5.4: CONNECTION-BIND takes the connection, once", "[rfc6062][bind]") {
    tcp_world with;
    auto client = with.client_at("198.51.100.7:40000");
    REQUIRE(client.ask(method::allocate, {tcp()}).code() == success);
    REQUIRE(client.permit("9.9.9.9:1").code() == success);
    const auto id = id_of(with.arrive("9.9.9.9:1"));
    const auto over = GENERATE(net::transport::tcp, net::transport::tls);
    auto data = with.data_connection(client, over);
    REQUIRE(data.ask_unsigned(method::connection_bind, {connection(id)}).code() == 401);
    data.nonce = data.ask_unsigned(method::connection_bind, {}).text(attribute_type::nonce);

    const auto effect = data.send(data.build(method::connection_bind, {connection(id)}));
    const auto& bound = std::get<turn::splice>(effect);
    const answered answer{{bound.message.begin(), bound.message.end()}};
    CHECK(answer.code() == success);
    CHECK(answer.is_signed_with(client.key()));
    CHECK(with.open_streams == 1);
    CHECK(with.node.connections.size() == 0);
    CHECK(data.ask(method::connection_bind, {connection(id)}).code() == 400);
}

TEST_CASE("RFC 6062 5.4: a CONNECTION-BIND that does not fit takes nothing", "[rfc6062][bind]") {
    tcp_world with;
    auto claims = with.node.claims();
    claims.allowed_client = ip("198.51.100.7");
    test_client client{with.node, "198.51.100.7:40000", claims, net::transport::tcp};
    REQUIRE(client.ask(method::allocate, {tcp()}).code() == success);
    REQUIRE(client.permit("9.9.9.9:1").code() == success);
    const auto id = id_of(with.arrive("9.9.9.9:1"));
    SECTION("400 over datagrams") {
        auto data = with.data_connection(client, net::transport::udp);
        CHECK(data.ask(method::connection_bind, {connection(id)}).code() == 400);
    }
    SECTION("400 on the connection of an allocation") {
        CHECK(client.ask(method::connection_bind, {connection(id)}).code() == 400);
    }
    SECTION("400 without an id, with half of one, or with another") {
        auto data = with.data_connection(client);
        const auto wrong = GENERATE(attributes{}, attributes{raw(attribute_type::connection_id, "12")},
                                    attributes{connection({0xdead})});
        CHECK(data.ask(method::connection_bind, wrong).code() == 400);
    }
    SECTION("400 for another user") {
        auto other = with.client_at("198.51.100.7:50001");
        CHECK(other.ask(method::connection_bind, {connection(id)}).code() == 400);
    }
    SECTION("403 from where the credential may not be used") {
        auto data = with.client_at("198.51.100.9:50001");
        data.credential = client.credential;
        CHECK(data.ask(method::connection_bind, {connection(id)}).code() == 403);
    }
    CHECK(with.node.connections.size() == 1);
    auto data = with.data_connection(client);
    CHECK(data.ask(method::binding, {}).code() == success);
    data.nonce = data.ask_unsigned(method::connection_bind, {}).text(attribute_type::nonce);
    CHECK(with.bind(data, id).stream != nullptr);
}

TEST_CASE("RFC 6062 5.2, 5.3: a connection that is not bound in 30 s is closed", "[rfc6062][bind]") {
    tcp_world with;
    auto client = with.client_at("198.51.100.7:40000");
    REQUIRE(client.ask(method::allocate, {tcp()}).code() == success);
    REQUIRE(client.permit("9.9.9.9:1").code() == success);
    REQUIRE(client.ask(method::connect, {peer("9.9.9.9:7")}).code() == silence);
    const auto id = id_of(GENERATE(true, false) ? with.arrive("9.9.9.9:1") : with.connected("9.9.9.9:7"));
    auto data = with.data_connection(client);
    SECTION("just before, it is there") {
        with.node.pass(29s);
        data.nonce = data.ask_unsigned(method::connection_bind, {}).text(attribute_type::nonce);
        CHECK(with.bind(data, id).stream != nullptr);
    }
    SECTION("then it is not") {
        with.node.pass(30s);
        CHECK(with.open_streams == 0);
        CHECK(with.node.connections.size() == 0);
        CHECK(data.ask(method::connection_bind, {connection(id)}).code() == 400);
    }
}

TEST_CASE("RFC 6062 5.5: whatever ends the allocation ends its connections, counted exactly", "[rfc6062]") {
    tcp_world with;
    auto client = with.client_at("198.51.100.7:40000");
    REQUIRE(client.ask(method::allocate, {tcp()}).code() == success);
    REQUIRE(client.permit("9.9.9.9:1").code() == success);
    const auto waiting = id_of(with.arrive("9.9.9.9:1"));
    auto data = with.data_connection(client);
    data.nonce = data.ask_unsigned(method::connection_bind, {}).text(attribute_type::nonce);
    const auto bound = with.bind(data, id_of(with.arrive("9.9.9.9:2")));
    CHECK(bound.meter->count_uplink(1'000));
    CHECK(bound.meter->count_downlink(70'000));

    SECTION("released") { REQUIRE(client.ask(method::refresh, {lifetime(0s)}).code() == success); }
    SECTION("expired") { with.node.pass(600s); }
    SECTION("its own connection closed") { with.node.server.on_client_closed(with.node.now, client.path); }
    SECTION("terminated") { with.node.server.end_all(with.node.now, contract::end_reason::terminated); }
    REQUIRE(with.node.server.allocations() == 0);
    CHECK(bound.meter->has_ended());
    CHECK_FALSE(bound.meter->count_uplink(1));
    CHECK_FALSE(bound.meter->count_downlink(1));
    CHECK(with.ended().traffic ==
          contract::traffic_counters{.uplink_bytes = 1'000, .downlink_bytes = 70'000});
    CHECK(with.node.totals().relayed.downlink_bytes == 70'000);

    CHECK(data.ask(method::connection_bind, {connection(waiting)}).code() == 400);
    with.node.jump(1s);
    CHECK(with.open_streams == 1);  // the bound one is with the worker that serves it
    CHECK(with.node.connections.size() == 0);
}

TEST_CASE("a session's figures count its live and its ended connections", "[rfc6062]") {
    tcp_world with;
    auto client = with.client_at("198.51.100.7:40000");
    REQUIRE(client.ask(method::allocate, {tcp()}).code() == success);
    REQUIRE(client.permit("9.9.9.9:1").code() == success);
    auto data = with.data_connection(client);
    data.nonce = data.ask_unsigned(method::connection_bind, {}).text(attribute_type::nonce);
    const auto first = with.bind(data, id_of(with.arrive("9.9.9.9:1")));
    const auto second = with.bind(data, id_of(with.arrive("9.9.9.9:2")));
    CHECK(first.meter->count_uplink(100));
    first.meter->end();
    CHECK(second.meter->count_uplink(20));
    with.node.pass(10s);
    CHECK(with.node.observer.all<contract::session_progress>().at(0).traffic.uplink_bytes == 120);
    CHECK(second.meter->count_uplink(3));
    with.node.pass(20s);
    const auto progress = with.node.observer.all<contract::session_progress>();
    REQUIRE(progress.size() == 2);
    CHECK(progress[1].traffic.uplink_bytes == 123);
    CHECK(with.node.totals().relayed.uplink_bytes == 123);
}

TEST_CASE("an allocation for TCP relays no datagrams", "[rfc6062]") {
    tcp_world with;
    auto client = with.client_at("198.51.100.7:40000");
    REQUIRE(client.ask(method::allocate, {tcp()}).code() == success);
    REQUIRE(client.permit("9.9.9.9:7").code() == success);
    CHECK(client.bind(0x4000, "9.9.9.9:7").code() == 403);
    CHECK(std::holds_alternative<turn::silence>(client.send_indication({peer("9.9.9.9:7"), data("x")})));
    CHECK_FALSE(with.node.server.on_peer(with.node.now, {0}, at("9.9.9.9:7"), bytes_of("x")));
    const stun::icmp_error error{.type = 3, .code = 3, .data = 0};
    CHECK_FALSE(with.node.server.on_peer_error(with.node.now, {0}, at("9.9.9.9:7"), error));
    CHECK(with.node.drops(drop_reason::wrong_protocol) == 3);
}

TEST_CASE("a connection id is given to one connection at a time", "[rfc6062]") {
    tcp_world with;
    const auto client_claims = with.node.claims();
    turn::connection_table table;
    const auto holder = std::make_shared<const turn::known_credential>(turn::known_credential{
        .username = "user",
        .keys = turn::long_term_keys{{.username = "user", .realm = "realm", .password = "password"}},
        .claims = client_claims});
    const auto waiting = [&] {
        return turn::waiting_connection{
            .stream = with.stream(), .meter = std::make_shared<turn::connection_meter>(), .holder = holder};
    };
    auto first = waiting();
    auto second = waiting();
    CHECK(table.add({7}, first, with.node.now.monotonic));
    CHECK_FALSE(table.add({7}, second, with.node.now.monotonic));
    CHECK(second.stream != nullptr);
    CHECK(table.take({7}, holder->username, with.node.now.monotonic));
    CHECK(table.add({7}, second, with.node.now.monotonic));
}
