#include "api/http/body_stream.hpp"
#include "tests/api/http/running_server.hpp"
#include "tests/api/http/test_certificate.hpp"
#include "tests/api/scratch_directory.hpp"

#include <boost/asio/read.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>

#include <future>
#include <thread>

using namespace turnix;
using namespace turnix::http;
using namespace std::chrono_literals;

namespace {

const std::string get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

/// A server whose every answer is a stream.
class streaming_server {
  public:
    explicit streaming_server(const server_limits& limits = {}, const scratch_directory* tls = nullptr)
        : running{{.limits = limits},
                  [this](const request& /*asked*/) {
                      return response{.headers = {{"Content-Type", "text/plain"}},
                                      .stream = [this](auto body) { opened.set_value(std::move(body)); }};
                  },
                  [this, tls](server& made) {
                      at = tls == nullptr ? made.listen(loopback())
                                          : made.listen(loopback(), make_test_certificate(tls->path()));
                  }} {}

    /// The client's stream, once it has asked for it.
    std::shared_ptr<body_stream> body() { return opened.get_future().get(); }
    void send(const std::shared_ptr<body_stream>& to, const std::string& bytes) {
        on_its_thread([&] { to->send(bytes); });
    }
    stream_state state_of(const std::shared_ptr<body_stream>& of) {
        stream_state state{};
        on_its_thread([&] { state = of->state(); });
        return state;
    }
    /// Waits, up to ten seconds.
    stream_state end_of(const std::shared_ptr<body_stream>& of) {
        for (int i = 0; i < 1'000 && state_of(of) == stream_state::open; ++i)
            std::this_thread::sleep_for(10ms);
        return state_of(of);
    }
    void on_its_thread(const std::function<void()>& what) {
        std::promise<void> done;
        boost::asio::post(running.io(), [&] {
            what();
            done.set_value();
        });
        done.get_future().wait();
    }

    net::endpoint at;
    std::promise<std::shared_ptr<body_stream>> opened;
    running_server running;
};

}  // namespace

TEST_CASE("a stream comes piece by piece, and its end is the connection's", "[http][stream]") {
    streaming_server under_test;
    test_client client{under_test.at};
    client.send(get);
    const auto body = under_test.body();
    const auto header = client.receive_until("\r\n\r\n");
    CHECK(header.find("Content-Type: text/plain\r\n") != std::string::npos);
    CHECK(header.find("Connection: close\r\n") != std::string::npos);
    CHECK(header.find("Content-Length") == std::string::npos);
    under_test.send(body, "one;");
    CHECK(client.receive_until(";") == "one;");
    under_test.on_its_thread([&] {
        body->send("two;");
        body->send("three;");
        body->end();
        body->send("four;");
    });
    CHECK(client.receive() == "two;three;");
    CHECK(under_test.state_of(body) == stream_state::ended);
}

TEST_CASE("a stream over TLS ends with a close_notify", "[http][stream]") {
    namespace ssl = boost::asio::ssl;
    const scratch_directory scratch;
    streaming_server under_test{{}, &scratch};
    boost::asio::io_context io;
    ssl::context context{ssl::context::tls_client};
    ssl::stream<boost::asio::ip::tcp::socket> stream{io, context};
    stream.lowest_layer().connect({boost::asio::ip::address_v4::loopback(), under_test.at.port});
    stream.handshake(ssl::stream_base::client);
    boost::asio::write(stream, boost::asio::buffer(get));
    const auto body = under_test.body();
    under_test.on_its_thread([&] {
        body->send("one;");
        body->end();
    });
    std::string answer;
    boost::system::error_code code;
    boost::asio::read(stream, boost::asio::dynamic_buffer(answer), code);
    CHECK(answer.ends_with("\r\n\r\none;"));
    CHECK(code == boost::asio::error::eof);  // and not stream_truncated
}

TEST_CASE("a stream has no time limit, and hears that its client leaves", "[http][stream]") {
    streaming_server under_test{{.idle_time = 20ms, .answer_time = 20ms, .write_time = 20ms}};
    std::shared_ptr<body_stream> body;
    {
        test_client client{under_test.at};
        client.send(get);
        body = under_test.body();
        std::this_thread::sleep_for(200ms);
        under_test.send(body, "late;");
        CHECK(client.receive_until(";").ends_with("late;"));
    }
    CHECK(under_test.end_of(body) == stream_state::ended);
    under_test.send(body, "to nobody");
}

TEST_CASE("a client that does not take its stream is cut off when the queue is full", "[http][stream]") {
    constexpr std::uint32_t queue_bytes = 64 * 1024;
    streaming_server under_test{{.stream_queue_bytes_max = queue_bytes}};
    test_client client{under_test.at};
    client.send(get);
    const auto body = under_test.body();
    // More than the sockets' buffers take.
    for (int i = 0; i < 10'000 && under_test.state_of(body) == stream_state::open; ++i)
        under_test.send(body, std::string(queue_bytes / 2, 'x'));
    CHECK(under_test.state_of(body) == stream_state::too_slow);
}

TEST_CASE("a client that does not take its stream is cut off when the time is over", "[http][stream]") {
    streaming_server under_test{{.write_time = 100ms, .stream_queue_bytes_max = 64 * 1024 * 1024}};
    test_client client{under_test.at};
    client.send(get);
    const auto body = under_test.body();
    under_test.send(body, std::string(32 * 1024 * 1024, 'x'));
    CHECK(under_test.end_of(body) == stream_state::too_slow);
}

TEST_CASE("a piece that is longer than the queue cuts the client off", "[http][stream]") {
    streaming_server under_test{{.stream_queue_bytes_max = 1'024}};
    test_client client{under_test.at};
    client.send(get);
    const auto body = under_test.body();
    client.receive_until("\r\n\r\n");
    under_test.send(body, std::string(1'025, 'x'));
    CHECK(under_test.state_of(body) == stream_state::too_slow);
}

TEST_CASE("a server that stops ends its streams", "[http][stream]") {
    std::shared_ptr<body_stream> body;
    std::optional<test_client> client;
    {
        streaming_server under_test;
        client.emplace(under_test.at);
        client->send(get);
        body = under_test.body();
        client->receive_until("\r\n\r\n");
    }
    CHECK(body->state() == stream_state::ended);
    CHECK(client->receive().empty());
}
