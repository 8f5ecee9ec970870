#include "tests/relay/io/certificate.hpp"
#include "tests/relay/io/stream_server_under_test.hpp"
#include "tests/relay/io/tcp_client.hpp"
#include "tests/relay/io/tls_client.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include <sys/resource.h>

using namespace turnix;
using namespace std::chrono_literals;
using io::stream_event;
using test::channel_data;
using test::server_under_test;
using bytes = std::vector<std::byte>;

TEST_CASE("messages are found however the stream is cut", "[io][stream]") {
    const std::size_t piece = GENERATE(1U, 3U, 7U, 64U, 1'000U, 65'536U);
    server_under_test under_test;
    const test::tcp_client client{under_test.address};
    bytes stream;
    std::vector<bytes> expected;
    for (const std::size_t size : {0U, 1U, 2U, 3U, 4U, 100U, 1'201U}) {
        const auto message = channel_data(size, 7);
        stream.insert(stream.end(), message.begin(), message.end());
        expected.emplace_back(message.begin(), message.begin() + static_cast<std::ptrdiff_t>(4 + size));
    }
    for (std::size_t at = 0; at < stream.size(); at += piece) {
        client.send(std::span{stream}.subspan(at, std::min(piece, stream.size() - at)));
        under_test.context.run_for(100us);
    }
    REQUIRE(under_test.run_until([&] { return under_test.sink.messages.size() == expected.size(); }));
    CHECK(under_test.sink.messages == expected);
    CHECK(under_test.sink.path.server == under_test.address);
    CHECK(under_test.sink.path.transport == net::transport::tcp);
}

TEST_CASE("the longest messages pass, many at once", "[io][stream]") {
    server_under_test under_test;
    const test::tcp_client client{under_test.address};
    const auto longest = channel_data(65'535, 9);
    for (int i = 0; i < 4; ++i) {
        client.send(longest);
        under_test.run_until([&] { return under_test.sink.messages.size() > static_cast<std::size_t>(i); });
    }
    REQUIRE(under_test.sink.messages.size() == 4);
    for (const auto& message : under_test.sink.messages) CHECK(message.size() == 65'539);
}

TEST_CASE("what is neither STUN nor channel data closes the connection", "[io][stream]") {
    server_under_test under_test;
    const test::tcp_client client{under_test.address};
    client.send(bytes(20, std::byte{'P'}));
    CHECK(under_test.run_until([&] { return under_test.sink.closed == 1; }));
    CHECK(client.is_closed_by_server());
    CHECK(under_test.count(stream_event::malformed) == 1);
}

TEST_CASE("a first message that is not there in five seconds closes the connection", "[io][stream]") {
    const bool begun = GENERATE(false, true);
    server_under_test under_test;
    const test::tcp_client client{under_test.address};
    const auto message = channel_data(100, 1);
    if (begun) client.send(std::span{message}.first(50));
    REQUIRE(under_test.run_until([&] { return under_test.server.connections() == 1; }));
    under_test.pass(5s);
    CHECK(under_test.sink.closed == 0);
    under_test.pass(1ms);
    CHECK(under_test.sink.closed == 1);
    CHECK(under_test.count(stream_event::timed_out) == 1);
    CHECK(under_test.server.connections() == 0);
    CHECK(client.is_closed_by_server());
}

TEST_CASE("a handshake that is not done in five seconds closes the connection", "[io][stream]") {
    const test::certificate certificate;
    const io::tls_context tls{certificate.settings()};
    server_under_test under_test{{.tls = &tls, .serves = {.tls = true}}};
    const test::tcp_client client{under_test.address};
    REQUIRE(under_test.run_until([&] { return under_test.server.connections() == 1; }));
    under_test.pass(5s);
    CHECK(under_test.sink.closed == 0);
    under_test.pass(1ms);
    CHECK(under_test.sink.closed == 1);
    CHECK(under_test.count(stream_event::timed_out) == 1);
}

TEST_CASE("what is no TLS on a TLS listener closes the connection", "[io][stream]") {
    const test::certificate certificate;
    const io::tls_context tls{certificate.settings()};
    server_under_test under_test{{.tls = &tls, .serves = {.tls = true}}};
    const test::tcp_client client{under_test.address};
    client.send(channel_data(100, 1));
    CHECK(under_test.run_until([&] { return under_test.sink.closed == 1; }));
    CHECK(under_test.count(stream_event::handshake_failed) == 1);
    CHECK(under_test.sink.messages.empty());
}

TEST_CASE("a connection is closed when idle only without an allocation", "[io][stream]") {
    const bool allocated = GENERATE(false, true);
    server_under_test under_test;
    under_test.sink.allocated = allocated;
    const test::tcp_client client{under_test.address};
    client.send(channel_data(4, 1));
    REQUIRE(under_test.run_until([&] { return under_test.sink.messages.size() == 1; }));
    under_test.pass(31s);
    CHECK(under_test.sink.closed == (allocated ? 0 : 1));
    under_test.sink.allocated = false;
    under_test.pass(1ms);
    CHECK(under_test.sink.closed == 1);
}

TEST_CASE("a reader that stalls loses whole messages, never parts, and is closed in the end",
          "[io][stream]") {
    server_under_test under_test;
    under_test.sink.allocated = true;
    const test::tcp_client client{under_test.address};
    client.send(channel_data(4, 1));
    REQUIRE(under_test.run_until([&] { return under_test.sink.messages.size() == 1; }));

    constexpr std::size_t payload_bytes = 1'000;
    constexpr std::size_t sent = 20'000;
    turn::to_client how{.path = under_test.sink.path, .header_storage = {}, .header_bytes = 4};
    const auto framed = channel_data(payload_bytes, 0);
    std::copy_n(framed.begin(), 4, how.header_storage.begin());
    for (std::size_t i = 0; i < sent; ++i) {
        const bytes payload(payload_bytes, static_cast<std::byte>(i));
        under_test.server.send_to_client(under_test.sink.now, how, payload);
        if (i % 16 == 15) under_test.server.flush(under_test.sink.now);
    }
    const auto dropped = under_test.count(stream_event::dropped_full);
    CHECK(dropped > 0);

    SECTION("what it reads later is whole and in order") {
        bytes read;
        const auto expected = (sent - dropped) * (payload_bytes + 4);
        under_test.run_until([&] {
            const auto more = client.receive(0);
            read.insert(read.end(), more.begin(), more.end());
            return read.size() >= expected;
        });
        REQUIRE(read.size() == expected);
        bool whole = true;
        for (std::size_t at = 0; at < read.size(); at += payload_bytes + 4) {
            const auto payload = std::span{read}.subspan(at + 4, payload_bytes);
            whole = whole && std::ranges::equal(std::span{read}.subspan(at, 4), how.header()) &&
                    std::ranges::count(payload, payload.front()) == std::ptrdiff_t{payload_bytes};
        }
        CHECK(whole);
        under_test.pass(31s);
        CHECK(under_test.sink.closed == 0);
    }
    SECTION("media is refused while the oldest bytes wait too long") {
        under_test.sink.now += 501ms;
        under_test.server.send_to_client(under_test.sink.now, how, framed);
        CHECK(under_test.count(stream_event::dropped_late) == 1);
    }
    SECTION("after half a minute without progress it is closed") {
        under_test.pass(30s);
        CHECK(under_test.sink.closed == 0);
        under_test.pass(1ms);
        CHECK(under_test.sink.closed == 1);
        CHECK(under_test.count(stream_event::stalled) == 1);
    }
    SECTION("a byte a second is no progress") {
        for (int second = 0; second < 30; ++second) {
            std::byte one{};
            CHECK(::recv(client.native(), &one, 1, 0) == 1);
            under_test.context.run_for(1ms);
            under_test.pass(1s);
        }
        CHECK(under_test.sink.closed == 0);
        under_test.pass(1ms);
        CHECK(under_test.count(stream_event::stalled) == 1);
    }
    SECTION("what the kernel keeps for it is bounded too") {
        CHECK((sent - dropped) * (payload_bytes + 4) < 8U * 1024 * 1024);
    }
}

TEST_CASE("who has no allocation and leaves the answers is not heard until it takes them", "[io][stream]") {
    const bool allocated = GENERATE(false, true);
    constexpr std::size_t asked = 300;
    const bytes answer(60'000, std::byte{3});
    server_under_test under_test;
    under_test.sink.allocated = allocated;
    under_test.sink.on_message = [&] {
        under_test.server.send_reply(under_test.sink.now, under_test.sink.path, answer);
    };
    const test::tcp_client client{under_test.address};
    const auto& heard = under_test.sink.messages;
    const auto ask_once = [&] {
        const auto before = heard.size();
        client.send(channel_data(4, 1));
        return under_test.run_until([&] { return heard.size() > before; });
    };
    while (heard.size() < asked && ask_once()) {
    }
    CHECK((heard.size() == asked) == allocated);
    if (allocated) return;
    // The one that was not heard is, with the next.
    const auto before = heard.size();
    CHECK(under_test.run_until([&] {
        std::ignore = client.receive(0);
        return heard.size() > before;
    }));
}

TEST_CASE("many requests of one without an allocation leave others their turn", "[io][stream]") {
    server_under_test under_test;
    const test::tcp_client flooding{under_test.address};
    const test::tcp_client other{under_test.address};
    REQUIRE(under_test.run_until([&] { return under_test.server.connections() == 2; }));
    bytes requests;
    for (int i = 0; i < 8'000; ++i) {
        const auto one = channel_data(4, 1);
        requests.insert(requests.end(), one.begin(), one.end());
    }
    flooding.send(requests);
    other.send(channel_data(4, 2));
    const auto& heard = under_test.sink.messages;
    const auto second = [&] { return std::ranges::find(heard, channel_data(4, 2)); };
    REQUIRE(under_test.run_until([&] { return heard.size() == 8'001; }));
    CHECK(second() - heard.begin() < 2'000);
}

TEST_CASE("of many requests at once, one without an allocation has a few answers waiting", "[io][stream]") {
    server_under_test under_test;
    under_test.sink.on_message = [&] {
        under_test.server.send_reply(under_test.sink.now, under_test.sink.path, bytes(1'000));
    };
    const test::tcp_client client{under_test.address};
    bytes requests;
    for (int i = 0; i < 100; ++i) {
        const auto one = channel_data(4, 1);
        requests.insert(requests.end(), one.begin(), one.end());
    }
    client.send(requests);
    REQUIRE(under_test.run_until([&] { return under_test.sink.messages.size() == 100; }));
    CHECK(under_test.count(stream_event::dropped_full) == 91);
}

TEST_CASE("a source has a limited number of connections without allocation", "[io][stream]") {
    server_under_test under_test{{.limits = {.idle_connections_per_source_max = 2}}};
    const test::tcp_client first{under_test.address};
    const test::tcp_client second{under_test.address};
    REQUIRE(under_test.run_until([&] { return under_test.server.connections() == 2; }));
    {
        const test::tcp_client third{under_test.address};
        REQUIRE(under_test.run_until([&] { return under_test.count(stream_event::refused) == 1; }));
        CHECK(third.is_closed_by_server());
    }
    SECTION("an allocation frees its place") {
        under_test.sink.allocated = true;
        first.send(channel_data(4, 1));
        REQUIRE(under_test.run_until([&] { return under_test.sink.messages.size() == 1; }));
        const test::tcp_client fourth{under_test.address};
        CHECK(under_test.run_until([&] { return under_test.server.connections() == 3; }));
    }
    SECTION("so does the end of a connection") {
        ::shutdown(first.native(), SHUT_RDWR);
        REQUIRE(under_test.run_until([&] { return under_test.sink.closed == 1; }));
        const test::tcp_client fourth{under_test.address};
        CHECK(under_test.run_until([&] { return under_test.count(stream_event::accepted) == 4; }));
        CHECK(under_test.count(stream_event::refused) == 1);
    }
}

TEST_CASE("accepting pauses while descriptors run short", "[io][stream]") {
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    const rlimit low{.rlim_cur = 100, .rlim_max = before.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &low);
    server_under_test under_test;
    std::vector<io::file_descriptor> ballast;
    do {
        ballast.emplace_back(::dup(0));
    } while (ballast.back().get() < 89);
    const test::tcp_client client{under_test.address};
    CHECK(under_test.run_until([&] { return under_test.count(stream_event::accept_paused) == 1; }));
    CHECK(client.is_closed_by_server());

    ballast.clear();
    const test::tcp_client waiting{under_test.address};
    under_test.context.run_for(5ms);
    CHECK(under_test.count(stream_event::accepted) == 0);
    under_test.context.restart();  // with nobody accepting it had run out of work
    under_test.pass(250ms);
    CHECK(under_test.run_until([&] { return under_test.count(stream_event::accepted) == 1; }));
    ::setrlimit(RLIMIT_NOFILE, &before);
}

TEST_CASE(
    "while memory runs short TLS clients wait first, then TCP clients, and come in when it does no more",
    "[io][stream][shedding]") {
    using enum contract::load_step;
    const bool tls = GENERATE(true, false);
    const auto [step, tls_waits_at, tcp_waits_at] = GENERATE(table<contract::load_step, bool, bool>({
        {none, false, false},
        {tls_waits, true, false},
        {newcomers_refused, true, true},
        {strangers_ignored, true, true},
    }));
    CAPTURE(tls, step);
    const test::certificate certificate;
    const io::tls_context context{certificate.settings()};
    server_under_test under_test{{.tls = &context, .serves = {.tcp = !tls, .tls = tls}}};
    under_test.load.set(step);
    const test::tcp_client client{under_test.address};
    const auto accepted = [&] { return under_test.count(stream_event::accepted) == 1; };
    const auto paused = [&] { return under_test.count(stream_event::accept_paused) == 1; };
    const bool waits = tls ? tls_waits_at : tcp_waits_at;
    REQUIRE(under_test.run_until([&] { return accepted() || paused(); }));
    CHECK(paused() == waits);
    CHECK(accepted() != waits);

    under_test.load.set(none);
    under_test.context.restart();
    under_test.pass(250ms);
    CHECK(under_test.run_until(accepted));
}

TEST_CASE("answers go to the connection that asked, and nowhere once it is gone", "[io][stream]") {
    server_under_test under_test;
    const test::tcp_client client{under_test.address};
    client.send(channel_data(4, 1));
    REQUIRE(under_test.run_until([&] { return under_test.sink.messages.size() == 1; }));
    const bytes answer(20, std::byte{3});
    auto elsewhere = under_test.sink.path;
    elsewhere.client.port ^= 1U;
    under_test.server.send_reply(under_test.sink.now, elsewhere, answer);
    under_test.server.send_reply(under_test.sink.now, under_test.sink.path, answer);
    under_test.server.flush(under_test.sink.now);
    CHECK(client.receive() == answer);
    under_test.server.close();
    CHECK(under_test.sink.closed == 1);
    under_test.server.send_reply(under_test.sink.now, under_test.sink.path, answer);
    under_test.server.flush(under_test.sink.now);
    CHECK(client.is_closed_by_server());
}

TEST_CASE("over TLS each message has a record of its own, however many leave at once", "[io][stream][tls]") {
    const test::certificate certificate;
    const io::tls_context tls{certificate.settings()};
    server_under_test under_test{{.tls = &tls, .serves = {.tls = true}}};
    test::tls_client client{under_test.address};
    REQUIRE(under_test.run_until([&] { return client.connects(); }));
    client.send(channel_data(4, 1));
    REQUIRE(under_test.run_until([&] { return under_test.sink.messages.size() == 1; }));

    std::vector<bytes> sent;
    for (const std::size_t size : {20U, 1U, 1'200U, 16'380U}) {
        sent.push_back(channel_data(size, 2));
        under_test.server.send_reply(under_test.sink.now, under_test.sink.path, sent.back());
    }
    under_test.server.flush(under_test.sink.now);
    for (const auto& message : sent) {
        bytes record;
        under_test.run_until([&] {
            if (record.empty()) record = client.receive();
            return !record.empty();
        });
        CHECK(record == message);
    }
}

TEST_CASE("RFC 6062 5.4: a stream that stops being TURN's is handed over with what came behind",
          "[io][stream]") {
    struct recording_successor : io::stream_successor {
        void take_over(io::raw_stream client) override { taken = std::move(client); }
        std::optional<io::raw_stream> taken;
    };
    const auto successor = std::make_shared<recording_successor>();
    server_under_test under_test;
    const test::tcp_client client{under_test.address};
    under_test.sink.successor = successor;
    auto stream = channel_data(8, 1);
    const auto raw = channel_data(4, 2);  // whatever it looks like
    stream.insert(stream.end(), raw.begin(), raw.end());
    client.send(stream);
    REQUIRE(under_test.run_until([&] { return successor->taken.has_value(); }));
    CHECK(successor->taken->received == raw);
    CHECK(under_test.sink.messages.size() == 1);
    under_test.pass(60s);
    CHECK(under_test.server.connections() == 0);
    CHECK(under_test.sink.closed == 0);
    CHECK_FALSE(client.is_closed_by_server(0));
}
