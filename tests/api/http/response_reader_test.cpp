#include "api/http/response_reader.hpp"

#include "api/http/message_writer.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstring>

using namespace turnix::http;
using progress = response_reader::progress;

namespace {

progress feed(response_reader& reader, std::string_view bytes, std::size_t piece) {
    auto state = reader.advance();
    while (!bytes.empty() && state == progress::more) {
        const auto room = reader.prepare();
        const auto taken = std::min({room.size(), bytes.size(), piece});
        std::memcpy(room.data(), bytes.data(), taken);
        reader.commit(taken);
        bytes.remove_prefix(taken);
        state = reader.advance();
    }
    return state;
}

constexpr message_limits limits{.header_bytes_max = 256, .body_bytes_max = 64};

}  // namespace

TEST_CASE("an answer is read as it was written, in whatever pieces it comes", "[http][reader]") {
    const auto piece = GENERATE(std::size_t{1}, std::size_t{7}, std::size_t{1000});
    const auto written = GENERATE(response{.status = 200, .headers = {{"X-One", "1"}}, .body = "hello"},
                                  response{.status = 404, .headers = {}, .body = ""},
                                  response{.status = 204, .headers = {}, .body = ""});
    response_reader reader{limits};
    for (int times = 0; times < 2; ++times) {
        REQUIRE(feed(reader, to_wire(written, {.now = {}}), piece) == progress::complete);
        const auto read = reader.take();
        CHECK(read.status == written.status);
        CHECK(read.body == written.body);
        CHECK((read.headers.find("x-one") != nullptr) == (written.headers.find("X-One") != nullptr));
        CHECK(reader.keeps_alive());
        CHECK_FALSE(reader.has_rest());
    }
}

TEST_CASE("the last answer of a connection says so, and what follows is seen", "[http][reader]") {
    response_reader reader{limits};
    const auto text = to_wire({.status = 200, .body = "x"}, {.now = {}, .keep_alive = false}) + "more";
    REQUIRE(feed(reader, text, 1000) == progress::complete);
    CHECK_FALSE(reader.keeps_alive());
    CHECK(reader.has_rest());
}

TEST_CASE("what is no answer, has no length or is too long is refused", "[http][reader]") {
    const auto text =
        GENERATE(std::string{"GET / HTTP/1.1\r\n\r\n"}, std::string{"HTTP/1.1 200 OK\r\n\r\nbody"},
                 std::string{"HTTP/1.1 100 Continue\r\n\r\n"},
                 std::string{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
                 std::string{"HTTP/1.1 200 OK\r\nContent-Length: 65\r\n\r\n"},
                 std::string{"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"},
                 "HTTP/1.1 200 OK\r\nX: " + std::string(300, 'x') + "\r\n\r\n");
    CAPTURE(text);
    response_reader reader{limits};
    CHECK(feed(reader, text, 1000) == progress::failed);
    CHECK(reader.advance() == progress::failed);
}
