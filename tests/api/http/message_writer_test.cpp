#include "api/http/message_writer.hpp"

#include "api/http/message_reader.hpp"

#include <catch2/catch.hpp>

#include <cstring>

using namespace turnix::http;

namespace {
const turnix::wall_time then{std::chrono::seconds{1'767'712'462}};
}

TEST_CASE("an answer is written as RFC 9112 has it", "[http][writer]") {
    CHECK(to_wire({.status = 200, .headers = {{"X-One", "1"}}, .body = "hello"}, {.now = then}) ==
          "HTTP/1.1 200 OK\r\nDate: Tue, 06 Jan 2026 15:14:22 GMT\r\nX-One: 1\r\nContent-Length: 5\r\n\r\n"
          "hello");
}

TEST_CASE("the answer to HEAD has no body, a 204 no length, the last one says close", "[http][writer]") {
    const response answer{.status = 200, .body = "hello"};
    CHECK(to_wire(answer, {.now = then, .head_only = true}).ends_with("Content-Length: 5\r\n\r\n"));
    CHECK(to_wire({.status = 204}, {.now = then}).find("Length") == std::string::npos);
    CHECK(to_wire(answer, {.now = then, .keep_alive = false}).find("Connection: close\r\n") !=
          std::string::npos);
}

TEST_CASE("a field with a line break in it is not written", "[http][writer]") {
    const auto wire =
        to_wire({.status = 200, .headers = {{"A", "1\r\nEvil: 2"}, {"B\nC", "3"}}}, {.now = then});
    CHECK(wire.find("Evil") == std::string::npos);
    CHECK(wire.find('C') == wire.find("Content-Length"));
}

TEST_CASE("a request is written as it is read", "[http][writer]") {
    request asked;
    asked.method = method::post;
    asked.path = "/api/v1/rooms/a%20b";
    asked.query = {{"cursor", "a&b=c"}, {"limit", "2"}};
    asked.headers = {{"X-One", "1"}, {"X-Two", "1\r\nEvil: 2"}};
    asked.body = "hello";
    const auto wire = to_wire(asked, "node");
    CHECK(wire.find("Evil") == std::string::npos);
    message_reader reader{message_limits{}};
    const auto room = reader.prepare();
    REQUIRE(room.size() >= wire.size());
    std::memcpy(room.data(), wire.data(), wire.size());
    reader.commit(wire.size());
    REQUIRE(reader.advance() == message_reader::progress::complete);
    const auto read = reader.take();
    CHECK(read.method == asked.method);
    CHECK(read.path == asked.path);
    CHECK(read.query == asked.query);
    CHECK(*read.headers.find("Host") == "node");
    CHECK(*read.headers.find("X-One") == "1");
    CHECK(read.body == asked.body);
}
