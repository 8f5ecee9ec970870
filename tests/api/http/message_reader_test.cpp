#include "api/http/message_reader.hpp"

#include <catch2/catch.hpp>

#include <cstring>

using namespace turnix::http;
using progress = message_reader::progress;

namespace {

progress feed(message_reader& reader, std::string_view bytes) {
    auto state = reader.advance();
    while (!bytes.empty() && state != progress::failed && state != progress::complete) {
        const auto room = reader.prepare();
        const auto taken = std::min(room.size(), bytes.size());
        std::memcpy(room.data(), bytes.data(), taken);
        reader.commit(taken);
        bytes.remove_prefix(taken);
        state = reader.advance();
    }
    return state;
}

int status_after(std::string_view bytes) {
    message_reader reader{message_limits{}};
    return feed(reader, bytes) == progress::failed ? status_of(reader.fault().code) : 0;
}

}  // namespace

TEST_CASE("a request is read whole, in whatever pieces it comes", "[http][reader]") {
    const std::string text =
        "POST /api/v1/x%20y?limit=5&q=a+b HTTP/1.1\r\nHost: h\r\nX-One: 1\r\nContent-Length: 5\r\n\r\nhello";
    const auto piece = GENERATE(std::size_t{1}, std::size_t{7}, std::size_t{1000});
    message_reader reader{message_limits{}};
    auto state = reader.advance();
    CHECK(state == progress::idle);
    for (std::size_t at = 0; at < text.size(); at += piece) state = feed(reader, text.substr(at, piece));
    REQUIRE(state == progress::complete);
    const auto read = reader.take();
    CHECK(read.method == method::post);
    CHECK(read.path == "/api/v1/x%20y");
    CHECK(read.query == std::vector<named_value>{{"limit", "5"}, {"q", "a b"}});
    CHECK(*read.headers.find("x-ONE") == "1");
    CHECK(read.body == "hello");
    CHECK(reader.keeps_alive());
    CHECK(reader.advance() == progress::idle);
}

TEST_CASE("a chunked body is read whole, in whatever pieces it comes", "[http][reader]") {
    const auto& [chunks, body] = GENERATE(table<std::string, std::string>(
        {{"0\r\n\r\n", ""}, {"0\r\nX: y\r\n\r\n", ""}, {"1\r\na\r\n4\r\nbcde\r\n0\r\n\r\n", "abcde"}}));
    const auto piece = GENERATE(range(std::size_t{1}, std::size_t{9}));
    CAPTURE(chunks, piece);
    const auto text = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks;
    message_reader reader{message_limits{}};
    auto state = reader.advance();
    for (std::size_t at = 0; at < text.size(); at += piece) {
        CHECK(state != progress::complete);
        state = feed(reader, text.substr(at, piece));
    }
    REQUIRE(state == progress::complete);
    CHECK(reader.take().body == body);
}

TEST_CASE("pipelined requests come one after another", "[http][reader]") {
    message_reader reader{message_limits{}};
    const std::string one = "GET /one HTTP/1.1\r\nHost: h\r\n\r\n";
    const std::string two =
        "POST /two HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3\r\nabc\r\n0\r\n\r\n";
    const std::string three = "GET /three HTTP/1.0\r\n\r\n";
    REQUIRE(feed(reader, one + two + three) == progress::complete);
    CHECK(reader.take().path == "/one");
    REQUIRE(reader.advance() == progress::complete);
    CHECK(reader.take().body == "abc");
    CHECK(reader.keeps_alive());
    REQUIRE(reader.advance() == progress::complete);
    CHECK(reader.take().path == "/three");
    CHECK_FALSE(reader.keeps_alive());
}

TEST_CASE("RFC 9112 6.3: framing that can be read in two ways is 400", "[http][reader]") {
    const auto* const fields = GENERATE(
        "Content-Length: 4\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 4",
        "Content-Length: 4\r\nContent-Length: 5", "Content-Length: 4\r\nContent-Length: 4",
        "Content-Length: -1", "Content-Length: 4, 4", "Content-Length: +4", "Content-Length : 4",
        "Transfer-Encoding: gzip", "Transfer-Encoding: chunked, gzip", "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding:\x0b"
        "chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "X\0: a");
    INFO(fields);
    CHECK(status_after("POST / HTTP/1.1\r\nHost: h\r\n" + std::string{fields} + "\r\n\r\n0\r\n\r\n") == 400);
}

TEST_CASE("what is not an HTTP/1.1 request is 400", "[http][reader]") {
    const auto* const text =
        GENERATE("GET / HTTP/1.1\r\n\r\n",                        // no Host
                 "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",  // two
                 "GET * HTTP/1.1\r\nHost: h\r\n\r\n", "CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n",
                 "GET / HTTP/2.0\r\nHost: h\r\n\r\n", "GET /?a=%zz HTTP/1.1\r\nHost: h\r\n\r\n",
                 "GET /\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
                 "GET / HTTP/1.1\nHost: h\n\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    CHECK(status_after(text) == 400);
}

TEST_CASE("header and body have their limits", "[http][reader]") {
    const std::string post = "POST / HTTP/1.1\r\nHost: h\r\n";
    const auto length = [&](std::size_t bytes) {
        return post + "Content-Length: " + std::to_string(bytes) + "\r\n\r\n" + std::string(bytes, 'x');
    };
    CHECK(status_after(length(16 * 1024)) == 0);
    CHECK(status_after(length(16 * 1024 + 1)) == 413);
    CHECK(status_after(post + "Content-Length: 99999999999\r\n\r\n") == 413);
    CHECK(status_after(post + "Transfer-Encoding: chunked\r\n\r\n4001\r\n" + std::string(0x4001, 'x')) ==
          413);
    CHECK(status_after(post + "X: " + std::string(7 * 1024, 'x') + "\r\n\r\n") == 0);
    CHECK(status_after(post + "X: " + std::string(8 * 1024, 'x') + "\r\n\r\n") == 431);
    CHECK(status_after(post + "X: " + std::string(40'000, 'x')) == 431);
    CHECK(status_after("GET /" + std::string(9 * 1024, 'x')) == 431);
    CHECK(status_after(post + "Transfer-Encoding: chunked\r\n\r\n1;" + std::string(60'000, 'x')) == 400);
}

TEST_CASE("RFC 9110 10.1.1: 100 Continue is wanted once, before the body", "[http][reader]") {
    message_reader reader{message_limits{}};
    REQUIRE(feed(reader, "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n") ==
            progress::body);
    CHECK(reader.wants_continue());
    CHECK_FALSE(reader.wants_continue());
    REQUIRE(feed(reader, "ok") == progress::complete);
    CHECK(reader.take().body == "ok");
}
