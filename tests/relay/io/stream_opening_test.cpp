#include "relay/io/stream_opening.hpp"

#include "tests/relay/io/certificate.hpp"
#include "tests/relay/io/proxy_header_examples.hpp"
#include "tests/relay/io/stream_server_under_test.hpp"
#include "tests/relay/io/tcp_client.hpp"
#include "tests/relay/io/tls_client.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <memory>
#include <string_view>
#include <vector>

using namespace turnix;
using namespace std::chrono_literals;
using io::stream_event;
using test::channel_data;
using test::server_under_test;
using bytes = std::vector<std::byte>;

namespace {

const io::stream_protocols both{.tcp = true, .tls = true};

net::endpoint endpoint(const char* text) { return net::endpoint::parse(text).value(); }

std::vector<net::cidr> loopback() { return {net::cidr::parse("127.0.0.0/8").value()}; }

bytes followed_by_message(bytes header) {
    const auto message = channel_data(4, 1);
    header.insert(header.end(), message.begin(), message.end());
    return header;
}

}  // namespace

TEST_CASE("RFC 7983 7: on a port for TCP and TLS the first byte says which it is", "[io][stream][opening]") {
    const test::certificate certificate;
    const io::tls_context tls{certificate.settings()};
    server_under_test under_test{{.tls = &tls, .serves = both}};
    const auto expect_message_over = [&](net::transport transport) {
        REQUIRE(under_test.run_until([&] { return under_test.sink.messages.size() == 1; }));
        CHECK(under_test.sink.path.transport == transport);
    };
    SECTION("TLS") {
        test::tls_client client{under_test.address};
        REQUIRE(under_test.run_until([&] { return client.connects(); }));
        client.send(channel_data(4, 1));
        expect_message_over(net::transport::tls);
    }
    SECTION("TCP") {
        const test::tcp_client client{under_test.address};
        client.send(channel_data(4, 1));
        expect_message_over(net::transport::tcp);
    }
    SECTION("neither") {
        const test::tcp_client client{under_test.address};
        client.send(bytes(4, std::byte{'P'}));
        CHECK(under_test.run_until([&] { return under_test.count(stream_event::malformed) == 1; }));
    }
    SECTION("nothing: closed in five seconds") {
        const test::tcp_client client{under_test.address};
        REQUIRE(under_test.run_until([&] { return under_test.server.connections() == 1; }));
        under_test.pass(5s);
        CHECK(under_test.sink.closed == 0);
        under_test.pass(1ms);
        CHECK(under_test.count(stream_event::timed_out) == 1);
    }
}

TEST_CASE("behind a trusted proxy the client is whom the header names", "[io][stream][proxy]") {
    const test::certificate certificate;
    const io::tls_context tls{certificate.settings()};
    const auto [client_at, server_at] = GENERATE(table<const char*, const char*>({
        {"192.0.2.1:50000", "198.51.100.7:443"},
        {"[2001:db8::1]:50000", "[2001:db8::7]:443"},
    }));
    server_under_test under_test{{.tls = &tls, .serves = both, .trusted_proxies = loopback()}};
    const auto header = test::proxy_header(endpoint(client_at), endpoint(server_at), 100);
    const auto expect_path = [&](net::transport transport) {
        REQUIRE(under_test.run_until([&] { return under_test.sink.messages.size() == 1; }));
        CHECK(under_test.sink.messages.front() == bytes{channel_data(4, 1)});
        CHECK(under_test.sink.path == turn::client_path{.client = endpoint(client_at),
                                                        .server = endpoint(server_at),
                                                        .transport = transport});
    };
    SECTION("over TCP, however the header is cut") {
        const std::size_t piece = GENERATE(1U, 16U, 17U, 1'000U);
        const test::tcp_client client{under_test.address};
        const auto stream = followed_by_message(header);
        for (std::size_t at = 0; at < stream.size(); at += piece) {
            client.send(std::span{stream}.subspan(at, std::min(piece, stream.size() - at)));
            under_test.context.run_for(100us);
        }
        expect_path(net::transport::tcp);
        under_test.server.send_reply(under_test.sink.now, under_test.sink.path, channel_data(8, 2));
        under_test.server.flush(under_test.sink.now);
        CHECK(client.receive() == channel_data(8, 2));
    }
    SECTION("over TLS") {
        test::tls_client client{under_test.address, header};
        REQUIRE(under_test.run_until([&] { return client.connects(); }));
        client.send(channel_data(4, 1));
        expect_path(net::transport::tls);
    }
}

TEST_CASE("a LOCAL header leaves the proxy's own endpoint", "[io][stream][proxy]") {
    server_under_test under_test{{.trusted_proxies = loopback()}};
    const test::tcp_client client{under_test.address};
    client.send(followed_by_message(test::proxy_header({.version_and_command = 0x20})));
    REQUIRE(under_test.run_until([&] { return under_test.sink.messages.size() == 1; }));
    CHECK(under_test.sink.path.client.address == under_test.address.address);
    CHECK(under_test.sink.path.server == under_test.address);
}

TEST_CASE("a header from whom nobody trusts is a bad stream", "[io][stream][proxy]") {
    server_under_test under_test{{.trusted_proxies = {net::cidr::parse("192.0.2.0/24").value()}}};
    const test::tcp_client client{under_test.address};
    client.send(followed_by_message(test::proxy_header(endpoint("192.0.2.1:1"), endpoint("192.0.2.2:2"))));
    CHECK(under_test.run_until([&] { return under_test.count(stream_event::malformed) == 1; }));
    CHECK(client.is_closed_by_server());
    CHECK(under_test.sink.messages.empty());
}

TEST_CASE("a trusted proxy without a header of version 2 is refused, and why is counted",
          "[io][stream][proxy]") {
    server_under_test under_test{{.trusted_proxies = loopback()}};
    const test::tcp_client client{under_test.address};
    SECTION("none") {
        client.send(channel_data(20, 1));
        CHECK(under_test.run_until([&] { return under_test.count(stream_event::proxy_malformed) == 1; }));
    }
    SECTION("version 1") {
        const std::string_view line = "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n";
        client.send(std::as_bytes(std::span{line}));
        CHECK(under_test.run_until([&] { return under_test.count(stream_event::proxy_version_1) == 1; }));
    }
    SECTION("half of one, and no more in five seconds") {
        const auto header = test::proxy_header(endpoint("192.0.2.1:1"), endpoint("192.0.2.2:2"));
        client.send(std::span{header}.first(20));
        REQUIRE(under_test.run_until([&] { return under_test.server.connections() == 1; }));
        under_test.pass(5s);
        CHECK(under_test.sink.closed == 0);
        under_test.pass(1ms);
        CHECK(under_test.count(stream_event::timed_out) == 1);
    }
    CHECK(under_test.sink.messages.empty());
    CHECK(client.is_closed_by_server());
}

TEST_CASE("idle connections behind a proxy count for their real sources", "[io][stream][proxy]") {
    server_under_test under_test{
        {.limits = {.idle_connections_per_source_max = 1}, .trusted_proxies = loopback()}};
    const auto connect = [&](const char* source, std::uint64_t expected_refused, std::size_t expected) {
        const auto header = test::proxy_header(endpoint(source), endpoint("198.51.100.7:443"));
        auto client = std::make_unique<test::tcp_client>(under_test.address);
        client->send(followed_by_message(header));
        CHECK(under_test.run_until([&] {
            return under_test.count(stream_event::refused) == expected_refused &&
                   under_test.sink.messages.size() == expected;
        }));
        return client;
    };
    const auto first = connect("192.0.2.1:1", 0, 1);
    const auto other_source = connect("192.0.2.2:1", 0, 2);
    const auto second = connect("192.0.2.1:2", 1, 2);
    CHECK(second->is_closed_by_server());
}
