#include "relay/io/dtls_server.hpp"

#include "tests/relay/io/dtls_server_under_test.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <thread>
#include <vector>

using namespace turnix;
using namespace turnix::test;
using namespace std::chrono_literals;

TEST_CASE("messages pass both ways, one in each record", "[io][dtls]") {
    dtls_server_under_test under_test;
    under_test.echoes = true;
    connected_dtls_client with{under_test, 1};
    REQUIRE(with.connects());
    std::vector<bytes> expected;
    for (const std::size_t size : {1U, 20U, 1'200U, 16'384U}) {
        expected.push_back(message_of(size, 7));
        with.send(expected.back());
    }
    CHECK(under_test.messages == expected);
    CHECK(with.received == expected);
    CHECK(under_test.count(dtls_event::accepted) == 1);
    CHECK(under_test.server.sessions() == 1);
}

TEST_CASE("two records in a datagram are two messages", "[io][dtls]") {
    dtls_server_under_test under_test;
    connected_dtls_client with{under_test, 1};
    REQUIRE(with.connects());
    with.client.send_message(message_of(20, 1));
    with.client.send_message(message_of(30, 2));
    bytes both = with.sent.front();
    both.insert(both.end(), with.sent.back().begin(), with.sent.back().end());
    under_test.receive(with.path, both);
    CHECK(under_test.messages == std::vector{message_of(20, 1), message_of(30, 2)});
}

TEST_CASE("a peer's payload is framed where it stands", "[io][dtls]") {
    dtls_server_under_test under_test;
    connected_dtls_client with{under_test, 1};
    REQUIRE(with.connects());
    turn::to_client how{.path = with.path, .header_storage = {}, .header_bytes = 4};
    how.header_storage[0] = std::byte{0x40};
    bytes room = message_of(50 + turn::to_client::header_bytes_max, 9);
    under_test.server.send_to_client(how, std::span{room}.subspan(turn::to_client::header_bytes_max));
    with.exchange();
    REQUIRE(with.received.size() == 1);
    CHECK(with.received.front().size() == 54);
    CHECK(with.received.front().front() == std::byte{0x40});

    under_test.server.send_reply(with.path, message_of(16'385, 1));
    CHECK(under_test.count(dtls_event::dropped) == 1);
    under_test.server.send_reply(path_of(2), message_of(20, 1));
    with.exchange();
    CHECK(with.received.size() == 1);
}

TEST_CASE("a handshake, and a first message, have five seconds each", "[io][dtls]") {
    dtls_server_under_test under_test;
    connected_dtls_client with{under_test, 1};
    SECTION("the handshake stops after the cookie") {
        with.begin();
        REQUIRE(under_test.server.sessions() == 1);
    }
    SECTION("no message follows") { REQUIRE(with.connects()); }
    under_test.pass(5s);
    CHECK(under_test.server.sessions() == 1);
    under_test.pass(1ms);
    CHECK(under_test.server.sessions() == 0);
    CHECK(under_test.count(dtls_event::timed_out) == 1);
}

TEST_CASE("a renewed certificate is the next client's, whoever has asked for a cookie before",
          "[io][dtls][tls]") {
    dtls_server_under_test under_test;
    under_test.receive(path_of(1), client_hello());
    under_test.outgoing.clear();
    SECTION("at once") {}
    SECTION("after a time in which OpenSSL could serve nobody") {
        under_test.context.renew(nullptr);
        under_test.receive(path_of(1), client_hello());
        CHECK(under_test.count(dtls_event::refused) == 1);
    }
    const test::certificate renewed;
    under_test.context.renew(io::make_ssl_context(renewed.settings(), io::tls_kind::datagram));
    connected_dtls_client with{under_test, 2};
    REQUIRE(with.connects());
    const std::unique_ptr<X509, decltype(&X509_free)> shown{SSL_get1_peer_certificate(with.client.native()),
                                                            &X509_free};
    const auto now_served = under_test.context.native();
    CHECK(X509_cmp(shown.get(), SSL_CTX_get0_certificate(now_served.get())) == 0);
}

TEST_CASE("a session is ended when idle only without an allocation, and the client told", "[io][dtls]") {
    dtls_server_under_test under_test;
    under_test.allocated = true;
    connected_dtls_client with{under_test, 1};
    REQUIRE(with.connects());
    with.send(message_of(20, 1));
    under_test.pass(10min);
    CHECK(under_test.server.sessions() == 1);
    under_test.allocated = false;
    under_test.pass(1ms);
    CHECK(under_test.server.sessions() == 0);
    CHECK(under_test.closed == 1);
    with.exchange();
    CHECK(with.client.was_told_of_the_end());
}

TEST_CASE("close_notify ends the session", "[io][dtls]") {
    dtls_server_under_test under_test;
    connected_dtls_client with{under_test, 1};
    REQUIRE(with.connects());
    with.client.close();
    with.deliver_to_server();
    CHECK(under_test.server.sessions() == 0);
    CHECK(under_test.closed == 1);
}

TEST_CASE("a stop ends every session and tells its client", "[io][dtls]") {
    dtls_server_under_test under_test;
    connected_dtls_client with{under_test, 1};
    REQUIRE(with.connects());
    under_test.server.close();
    CHECK(under_test.closed == 1);
    with.exchange();
    CHECK(with.client.was_told_of_the_end());
}

TEST_CASE("a source has a limited number of sessions without allocation", "[io][dtls]") {
    dtls_server_under_test under_test{{.idle_connections_per_source_max = 1}};
    connected_dtls_client first{under_test, 1};
    REQUIRE(first.connects());
    connected_dtls_client second{under_test, 2};
    CHECK_FALSE(second.connects());
    CHECK(under_test.count(dtls_event::refused) == 1);
    CHECK(under_test.server.sessions() == 1);
    under_test.allocated = true;
    first.send(message_of(20, 1));
    connected_dtls_client third{under_test, 3};
    CHECK(third.connects());
}

TEST_CASE("while memory runs short nobody new is heard, not even a ClientHello, and who is there is served",
          "[io][dtls][shedding]") {
    dtls_server_under_test under_test;
    under_test.echoes = true;
    connected_dtls_client old{under_test, 1};
    REQUIRE(old.connects());
    under_test.load.set(contract::load_step::tls_waits);
    const auto sent = under_test.sent;
    connected_dtls_client late{under_test, 2};
    CHECK_FALSE(late.connects());
    CHECK(under_test.sent == sent);
    CHECK(under_test.count(dtls_event::refused) > 0);
    old.send(message_of(20, 1));
    CHECK(under_test.messages.size() == 1);
    SECTION("even when it begins anew") {
        connected_dtls_client again{under_test, 1};
        CHECK(again.connects());
    }
    under_test.load.set(contract::load_step::none);
    connected_dtls_client later{under_test, 3};
    CHECK(later.connects());
}

TEST_CASE("RFC 6347 4.2.8: a client that begins anew replaces its session once it is through", "[io][dtls]") {
    dtls_server_under_test under_test;
    under_test.echoes = true;
    connected_dtls_client old{under_test, 1};
    REQUIRE(old.connects());
    old.send(message_of(20, 1));
    REQUIRE(old.received.size() == 1);

    SECTION("the old one serves until then") {
        connected_dtls_client spoofed{under_test, 1};
        spoofed.client.connects();
        spoofed.deliver_to_server();
        under_test.outgoing.clear();
        old.send(message_of(20, 2));
        CHECK(old.received.size() == 2);
        CHECK(under_test.closed == 0);
    }
    SECTION("half-way through the new handshake as well") {
        connected_dtls_client anew{under_test, 1};
        anew.begin();
        REQUIRE(under_test.count(dtls_event::accepted) == 2);
        under_test.outgoing.clear();
        old.send(message_of(20, 2));
        CHECK(old.received.size() == 2);
        under_test.pass(6s);
        CHECK(under_test.server.sessions() == 1);
        CHECK(under_test.closed == 0);
    }
    SECTION("the new one serves from then on") {
        connected_dtls_client anew{under_test, 1};
        REQUIRE(anew.connects());
        CHECK(under_test.closed == 1);
        anew.send(message_of(20, 2));
        CHECK(anew.received == std::vector<bytes>{message_of(20, 2)});
        CHECK(under_test.server.sessions() == 1);
    }
}

TEST_CASE("RFC 6347 4.2.4: a lost flight of the server is sent again, in datagrams that pass everywhere",
          "[io][dtls]") {
    dtls_server_under_test under_test;
    connected_dtls_client with{under_test, 1};
    with.begin();
    REQUIRE_FALSE(under_test.outgoing.empty());
    under_test.outgoing.clear();
    // OpenSSL's timer is of its own clock: a second at first.
    for (int i = 0; i < 150 && under_test.outgoing.empty(); ++i) {
        std::this_thread::sleep_for(10ms);
        under_test.pass(10ms);
    }
    CHECK_FALSE(under_test.outgoing.empty());
    CHECK(under_test.sent_bytes_max <= 1'200);
    with.exchange();
    CHECK(with.client.connects());
}

TEST_CASE("RFC 7443: ALPN names stun.turn over DTLS too", "[io][dtls][rfc7443]") {
    dtls_server_under_test under_test;
    connected_dtls_client with{under_test, 1};
    const auto [offered, answer] = GENERATE(table<std::string, const char*>({
        {"\x09stun.turn", "stun.turn"},
        {"\x02h2", nullptr},
    }));
    const std::vector<unsigned char> list{offered.begin(), offered.end()};
    SSL_set_alpn_protos(with.client.native(), list.data(), static_cast<unsigned>(list.size()));
    REQUIRE(with.connects() == (answer != nullptr));
    if (answer == nullptr) {
        CHECK(under_test.count(dtls_event::handshake_failed) == 1);
        CHECK(under_test.server.sessions() == 0);
        return;
    }
    const unsigned char* chosen = nullptr;
    unsigned int chosen_bytes = 0;
    SSL_get0_alpn_selected(with.client.native(), &chosen, &chosen_bytes);
    CHECK(std::string{chosen, chosen + chosen_bytes} == answer);
}
