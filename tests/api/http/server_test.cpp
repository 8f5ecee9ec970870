#include "api/http/server.hpp"

#include "tests/api/http/running_server.hpp"
#include "tests/api/http/test_certificate.hpp"
#include "tests/api/scratch_directory.hpp"

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>

#include <future>
#include <new>
#include <thread>
#include <vector>

#include <sys/stat.h>

using namespace turnix;
using namespace turnix::http;
using namespace std::chrono_literals;

namespace {

const std::string get_one = "GET /one HTTP/1.1\r\nHost: h\r\n\r\n";
const std::string get_last = "GET /last HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

/// Says what it was asked, and by whom.
response echo(const request& asked) {
    const auto who =
        asked.client ? asked.client->to_string() : std::string{asked.remote ? "nobody" : "operator"};
    return {.status = 200, .body = "[" + asked.path + "|" + asked.body + "|" + who + "]"};
}

/// One TCP listener on loopback.
struct tcp_server {
    explicit tcp_server(const server_settings& settings = {})
        : running{settings, echo, [this](server& made) { at = made.listen(loopback()); }} {}

    net::endpoint at;
    running_server running;
};

std::string answer_to(const std::string& bytes, const server_settings& settings = {}) {
    const tcp_server under_test{settings};
    test_client client{under_test.at};
    client.send(bytes);
    return client.receive();
}

server_settings with_limits(const server_limits& limits) { return {.limits = limits}; }

}  // namespace

TEST_CASE("an answer that there is no memory for is 503, and the connection goes on", "[http][server]") {
    net::endpoint at;
    const auto without_memory = [](const request& asked) -> response {
        if (asked.path == "/one") throw std::bad_alloc{};
        return echo(asked);
    };
    const running_server running{{}, without_memory, [&at](server& made) { at = made.listen(loopback()); }};
    test_client client{at};
    client.send(get_one + get_last);
    const auto answers = client.receive();
    CHECK(answers.starts_with("HTTP/1.1 503 "));
    CHECK(answers.find(R"("code":"unavailable")") != std::string::npos);
    CHECK(answers.find("[/last|") != std::string::npos);
}

TEST_CASE("an answer that was to come later and that nobody gives any more is 503", "[http][server]") {
    net::endpoint at;
    const auto forgetful = [](const request&) -> response {
        return {.later = [](const responder&) { /* lost on its way */ }};
    };
    const running_server running{{}, forgetful, [&at](server& made) { at = made.listen(loopback()); }};
    test_client client{at};
    client.send(get_one);
    const auto answers = client.receive();
    CHECK(answers.starts_with("HTTP/1.1 503 "));
    CHECK(answers.find(R"("code":"unavailable")") != std::string::npos);
}

TEST_CASE("an answer may come later, from another thread, and the connection goes on", "[http][server]") {
    std::thread elsewhere;
    boost::asio::io_context* io = nullptr;
    const auto answer_later = [&](const request& asked) {
        return response{.later = [&, path = asked.path](responder to) {
            if (elsewhere.joinable()) elsewhere.join();
            elsewhere = std::thread{[&, path, to = std::move(to)] {
                boost::asio::post(*io, [path, to] { to({.status = 200, .body = "[" + path + "]"}); });
            }};
        }};
    };
    net::endpoint at;
    running_server running{{}, answer_later, [&](server& made) { at = made.listen(loopback()); }};
    io = &running.io();
    test_client client{at};
    client.send(get_one + get_last);
    const auto answers = client.receive();
    elsewhere.join();
    CHECK(answers.find("[/one]") < answers.find("[/last]"));
    CHECK(answers.ends_with("[/last]"));
    CHECK(answers.find("X-Request-Id: ") != std::string::npos);
}

TEST_CASE("an answer that does not come ends the connection", "[http][server]") {
    net::endpoint at;
    std::vector<responder> kept;
    const auto answer = [&kept](const request&) {
        return response{.later = [&kept](const responder& to) { kept.push_back(to); }};
    };
    const running_server running{with_limits({.answer_time = 50ms}), answer,
                                 [&](server& made) { at = made.listen(loopback()); }};
    test_client client{at};
    client.send(get_one);
    CHECK(client.receive().empty());
    kept.clear();  // none outlives the server that it answers for
}

TEST_CASE("a connection is kept for the next request and closed after the last", "[http][server]") {
    const tcp_server under_test;
    test_client client{under_test.at};
    client.send(get_one);
    CHECK(client.receive_until("]").ends_with("[/one||127.0.0.1]"));
    client.send(get_last);
    const auto last = client.receive();
    CHECK(last.ends_with("[/last||127.0.0.1]"));
    CHECK(last.find("Connection: close\r\n") != std::string::npos);
}

TEST_CASE("pipelined requests are answered in their order", "[http][server]") {
    const auto all = answer_to(get_one + "POST /two HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi" +
                               get_one + get_last);
    const auto one = all.find("[/one||");
    const auto two = all.find("[/two|hi|", one);
    const auto three = all.find("[/one||", two);
    CHECK(three != std::string::npos);
    CHECK(all.find("[/last||", three) != std::string::npos);
}

TEST_CASE("every answer names its request and is kept by no cache", "[http][server]") {
    const auto answer = answer_to(get_last);
    CHECK(answer.find("X-Request-Id: ") != std::string::npos);
    CHECK(answer.find("Cache-Control: no-store\r\n") != std::string::npos);
    CHECK(answer.find("X-Content-Type-Options: nosniff\r\n") != std::string::npos);
    CHECK(answer.find("Access-Control") == std::string::npos);
    CHECK(answer.find("Server:") == std::string::npos);
}

TEST_CASE("a body that is too large is 413, read by a client that sends it all first", "[http][server]") {
    const auto answer =
        answer_to("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 300000\r\n\r\n" + std::string(300'000, 'x'));
    CHECK(answer.starts_with("HTTP/1.1 413 "));
    CHECK(answer.find(R"("code":"payload_too_large")") != std::string::npos);
}

TEST_CASE("Content-Length together with Transfer-Encoding is 400, and the connection ends",
          "[http][server]") {
    const auto answer = answer_to(
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n"
        "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" +
        get_one);
    CHECK(answer.starts_with("HTTP/1.1 400 "));
    CHECK(answer.find("[/one") == std::string::npos);
}

TEST_CASE("a header that comes too slowly is 408, however it drips", "[http][server]") {
    const tcp_server under_test{with_limits({.header_time = 200ms})};
    const auto begun = std::chrono::steady_clock::now();
    test_client client{under_test.at};
    client.send("GET / HT");
    std::this_thread::sleep_for(120ms);
    client.send("TP/1.1\r\nHo");
    CHECK(client.receive().starts_with("HTTP/1.1 408 "));
    CHECK(std::chrono::steady_clock::now() - begun >= 200ms);
}

TEST_CASE("each request has its own time, whatever was left of the last one's", "[http][server]") {
    const tcp_server under_test{with_limits({.header_time = 200ms, .idle_time = 10s})};
    test_client client{under_test.at};
    client.send(get_one);
    CHECK(client.receive_until("]").ends_with("]"));
    std::this_thread::sleep_for(400ms);
    client.send(get_one);
    CHECK(client.receive_until("]").ends_with("]"));
    const auto begun = std::chrono::steady_clock::now();
    client.send("GET / HT");
    CHECK(client.receive().starts_with("HTTP/1.1 408 "));
    CHECK(std::chrono::steady_clock::now() - begun < 5s);
}

TEST_CASE("a body that comes too slowly is 408", "[http][server]") {
    const tcp_server under_test{with_limits({.body_time = 100ms})};
    test_client client{under_test.at};
    client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nab");
    CHECK(client.receive().starts_with("HTTP/1.1 408 "));
}

TEST_CASE("each of several pipelined answers has the whole time for writing", "[http][server]") {
    net::endpoint at;
    const auto slowly = [](const request& asked) {
        std::this_thread::sleep_for(80ms);
        return echo(asked);
    };
    const running_server running{with_limits({.write_time = 200ms}), slowly,
                                 [&](server& made) { at = made.listen(loopback()); }};
    test_client client{at};
    client.send(get_one + get_one + get_one + get_one + get_last);
    CHECK(client.receive().ends_with("[/last||127.0.0.1]"));
}

TEST_CASE("an idle connection is closed without a word", "[http][server]") {
    const tcp_server under_test{with_limits({.idle_time = 100ms})};
    test_client client{under_test.at};
    client.send(get_one);
    CHECK(client.receive_until("]").ends_with("]"));
    CHECK(client.receive().empty());
}

TEST_CASE("beyond connections_max a newcomer takes the place of the slowest of the source with most",
          "[http][server][security]") {
    const tcp_server under_test{with_limits({.connections_max = 3})};
    test_client oldest{under_test.at, "127.0.0.2"};
    oldest.send(get_one);
    CHECK(oldest.receive_until("]").ends_with("]"));
    const auto half = get_last.size() / 2;
    test_client slowest{under_test.at};
    slowest.send(get_last.substr(0, half));
    std::this_thread::sleep_for(20ms);
    test_client slow{under_test.at};
    slow.send(get_last.substr(0, half));
    std::this_thread::sleep_for(20ms);

    test_client newcomer{under_test.at, "127.0.0.3"};
    newcomer.send(get_one);
    CHECK(newcomer.receive_until("]").ends_with("[/one||127.0.0.3]"));
    CHECK(slowest.receive().empty());
    slow.send(get_last.substr(half));
    CHECK(slow.receive().ends_with("[/last||127.0.0.1]"));
    oldest.send(get_last);
    CHECK(oldest.receive().ends_with("[/last||127.0.0.2]"));
}

TEST_CASE("when the limit of connections becomes less, those beyond it give way as newcomers come",
          "[http][server][shedding]") {
    boost::asio::io_context io;
    server limited{io, with_limits({.connections_max = 10}), echo};
    const auto at = limited.listen(loopback());
    limited.start();
    std::vector<std::unique_ptr<test_client>> idle;
    for (std::size_t i = 1; i <= 5; ++i) {
        idle.push_back(std::make_unique<test_client>(at));
        while (limited.connections() < i) io.run_one_for(1ms);
    }
    limited.limit_connections(2);
    io.run_for(20ms);
    CHECK(limited.connections() == 5);
    test_client newcomer{at};
    newcomer.send(get_one);
    while (limited.connections() > 2) io.run_one_for(1ms);
    io.run_for(20ms);
    CHECK(limited.connections() == 2);
    CHECK(newcomer.receive_until("]").ends_with("]"));

    limited.limit_connections(10);
    for (std::size_t i = 3; i <= 5; ++i) {
        idle.push_back(std::make_unique<test_client>(at));
        while (limited.connections() < i) io.run_one_for(1ms);
    }
    CHECK(limited.connections() == 5);
}

TEST_CASE("beyond connections_max a client waits while all others wait for answers", "[http][server]") {
    net::endpoint at;
    std::promise<void> asked_one;
    std::vector<responder> kept;
    const auto answer = [&](const request& asked) {
        if (asked.path != "/one") return echo(asked);
        asked_one.set_value();
        return response{.later = [&kept](const responder& to) { kept.push_back(to); }};
    };
    const running_server running{with_limits({.answer_time = 300ms, .connections_max = 1}), answer,
                                 [&](server& made) { at = made.listen(loopback()); }};
    const auto begin = std::chrono::steady_clock::now();
    test_client first{at};
    first.send(get_one);
    asked_one.get_future().wait();
    test_client second{at};
    second.send(get_last);
    CHECK(second.receive().ends_with("[/last||127.0.0.1]"));
    CHECK(std::chrono::steady_clock::now() - begin >= 300ms);
    kept.clear();  // none outlives the server that it answers for
}

TEST_CASE("strangers keep nobody out who is expected, and are few", "[http][server][security]") {
    auto settings = with_limits({.strangers_max = 1});
    const auto [expected, answered] = GENERATE(table<std::string, bool>({
        {"192.0.2.1", false},
        {"127.0.0.1", true},
    }));
    settings.expected = {net::address::parse(expected).value()};
    const tcp_server under_test{settings};
    test_client first{under_test.at};
    first.send(get_one);
    CHECK(first.receive_until("]").ends_with("]"));
    test_client second{under_test.at};
    second.send(get_last);
    CHECK(second.receive().ends_with("]") == answered);
    first.send(get_last);
    CHECK(first.receive().ends_with("]"));
    for (int tries = 0; tries < 100; ++tries) {
        test_client next{under_test.at};
        next.send(get_last);
        if (next.receive().ends_with("]")) return;
        std::this_thread::sleep_for(20ms);
    }
    FAIL("the place of one that has gone stays taken");
}

TEST_CASE("100 Continue is said to a client that waits for it", "[http][server]") {
    const tcp_server under_test;
    test_client client{under_test.at};
    client.send("POST /p HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    CHECK(client.receive_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("ok");
    CHECK(client.receive_until("]").ends_with("[/p|ok|127.0.0.1]"));
}

TEST_CASE("the client behind a trusted proxy is who the proxy says", "[http][server]") {
    const std::string asked =
        "GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 192.0.2.1\r\n"
        "X-Forwarded-For: 198.51.100.7\r\nConnection: close\r\n\r\n";
    CHECK(answer_to(asked).ends_with("|127.0.0.1]"));
    const auto proxy = net::cidr::parse("127.0.0.0/8").value();
    CHECK(answer_to(asked, {.trusted_proxies = {proxy}}).ends_with("|198.51.100.7]"));
}

TEST_CASE("a port in use ends the start with address and remedy", "[http][server]") {
    const tcp_server first;
    boost::asio::io_context io;
    server second{io, {}, echo};
    CHECK_THROWS_WITH(second.listen(first.at), Catch::Contains(first.at.to_string()) &&
                                                   Catch::Contains("Address already in use") &&
                                                   Catch::Contains("choose another port"));
    CHECK_THROWS_WITH(second.listen({.address = net::address::parse("192.0.2.1").value()}),
                      Catch::Contains("192.0.2.1:0"));
}

TEST_CASE("an IPv4 client of a socket for both families is an IPv4 client", "[http][server]") {
    net::endpoint at;
    const running_server running{{}, echo, [&](server& made) {
                                     at = made.listen({.address = net::address{net::address::v6_bytes{}}});
                                 }};
    test_client client{loopback(at.port)};
    client.send(get_last);
    CHECK(client.receive().ends_with("|127.0.0.1]"));
}

TEST_CASE("HTTPS speaks TLS 1.2 and 1.3 and nothing older", "[http][server]") {
    namespace ssl = boost::asio::ssl;
    const scratch_directory scratch;
    const auto certificate = make_test_certificate(scratch.path());
    net::endpoint at;
    const running_server running{{}, echo, [&](server& made) { at = made.listen(loopback(), certificate); }};

    const auto [method, works] = GENERATE(table<ssl::context::method, bool>({
        {ssl::context::tlsv12_client, true},
        {ssl::context::tlsv13_client, true},
        {ssl::context::tlsv11_client, false},
    }));
    boost::asio::io_context io;
    ssl::context context{method};
    ssl::stream<boost::asio::ip::tcp::socket> stream{io, context};
    stream.lowest_layer().connect({boost::asio::ip::address_v4::loopback(), at.port});
    boost::system::error_code code;
    stream.handshake(ssl::stream_base::client, code);
    REQUIRE(!code == works);
    if (!works) return;
    boost::asio::write(stream, boost::asio::buffer(get_one + get_last));
    std::string answer;
    boost::asio::read(stream, boost::asio::dynamic_buffer(answer), code);
    CHECK(answer.ends_with("[/last||127.0.0.1]"));
    CHECK(code == boost::asio::error::eof);  // and not stream_truncated
}

TEST_CASE("a certificate or key that cannot be used ends the start with the file", "[http][server]") {
    const scratch_directory scratch;
    const auto good = make_test_certificate(scratch.path());
    boost::asio::io_context io;
    server made{io, {}, echo};
    const auto missing = scratch.path() / "missing.pem";
    CHECK_THROWS_WITH(made.listen(loopback(), server_certificate{missing, good.private_key}),
                      Catch::Contains("missing.pem") && Catch::Contains("api.tls.certificate"));
    CHECK_THROWS_WITH(made.listen(loopback(), server_certificate{good.certificate, good.certificate}),
                      Catch::Contains("api.tls.private_key"));
}

TEST_CASE("over the control socket the operator asks, and only the owner can", "[http][server]") {
    using boost::asio::local::stream_protocol;
    const scratch_directory scratch;
    const auto path = scratch.path() / "control.sock";
    {
        const running_server running{{}, echo, [&](server& made) { made.listen_control(path); }};
        struct stat status{};
        REQUIRE(::stat(path.c_str(), &status) == 0);
        CHECK((status.st_mode & 0777U) == 0600U);

        boost::asio::io_context io;
        stream_protocol::socket client{io};
        client.connect({path.string()});
        boost::asio::write(client, boost::asio::buffer(get_last));
        std::string answer;
        boost::system::error_code code;
        boost::asio::read(client, boost::asio::dynamic_buffer(answer), code);
        CHECK(answer.ends_with("[/last||operator]"));

        server second{io, {}, echo};
        CHECK_THROWS_WITH(second.listen_control(path), Catch::Contains(path.string()));
    }
    CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("the control socket of a daemon that died is replaced", "[http][server]") {
    const scratch_directory scratch;
    const auto path = scratch.path() / "control.sock";
    boost::asio::io_context io;
    {
        const boost::asio::local::stream_protocol::acceptor dead{io, {path.string()}};
    }
    REQUIRE(std::filesystem::is_socket(path));
    server made{io, {}, echo};
    CHECK_NOTHROW(made.listen_control(path));
    CHECK_THROWS_WITH(made.listen_control(scratch.path() / std::string(120, 'x')),
                      Catch::Contains("shorter data directory"));
}
