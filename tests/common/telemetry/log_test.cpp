#include "common/telemetry/rate_limited_log.hpp"
#include "common/telemetry/record_formatter.hpp"

#include <catch2/catch.hpp>
#include <spdlog/details/log_msg.h>

#include <chrono>
#include <string>

using namespace turnix::telemetry;
using namespace std::chrono_literals;

namespace {

std::string formatted(log_format format, std::string_view message) {
    const spdlog::log_clock::time_point at{1'767'712'462'277ms};
    const spdlog::details::log_msg record{at, spdlog::source_loc{}, "relay.io", spdlog::level::warn,
                                          spdlog::string_view_t{message.data(), message.size()}};
    spdlog::memory_buf_t line;
    record_formatter{format}.format(record, line);
    return {line.data(), line.size()};
}

}  // namespace

TEST_CASE("a text record is one line: time in UTC, level, logger, message", "[log]") {
    CHECK(formatted(log_format::text, "cannot bind") ==
          "2026-01-06T15:14:22.277Z warning relay.io cannot bind\n");
}

TEST_CASE("a JSON record is one object a line", "[log]") {
    CHECK(formatted(log_format::json, "cannot bind") ==
          R"({"time":"2026-01-06T15:14:22.277Z","level":"warning","logger":"relay.io",)"
          R"("message":"cannot bind"})"
          "\n");
}

TEST_CASE("no value forges a line or leaves its field", "[log]") {
    const auto [value, text, json] = GENERATE(table<std::string, std::string, std::string>({
        {"%s%x%n", "%s%x%n", "%s%x%n"},
        {"a\nb", R"(a\nb)", R"(a\nb)"},
        {"a\r\x1b[2J", R"(a\x0d\x1b[2J)", R"(a\u000d\u001b[2J)"},
        {"a\\nb", R"(a\\nb)", R"(a\\nb)"},
        {"\"}", "\"}", R"(\"})"},
        {"{}", "{}", "{}"},
        {"Zo\u00eb", "Zo\u00eb", "Zo\u00eb"},
        {"\u0085", R"(\xc2\x85)", R"(\u0085)"},
        {"\u061c", R"(\xd8\x9c)", R"(\u061c)"},
        {"\u202e", R"(\xe2\x80\xae)", R"(\u202e)"},
        {"\U0001f4de", "\U0001f4de", "\U0001f4de"},
        {"\u2028", R"(\xe2\x80\xa8)", R"(\u2028)"},
        {"\xff\xc0\x80", R"(\xff\xc0\x80)", R"(\ufffd\ufffd\ufffd)"},
        {"\xed\xa0\x80", R"(\xed\xa0\x80)", R"(\ufffd\ufffd\ufffd)"},
        {"\xe2\x82", R"(\xe2\x82)", R"(\ufffd\ufffd)"},
    }));
    spdlog::memory_buf_t text_line;
    append_escaped(text_line, value);
    CHECK(std::string{text_line.data(), text_line.size()} == text);
    spdlog::memory_buf_t json_line;
    append_json_escaped(json_line, value);
    CHECK(std::string{json_line.data(), json_line.size()} == json);
}

TEST_CASE("what shows as it is has no control of the terminal and none of the text's direction", "[log]") {
    const auto [text, shows] = GENERATE(table<const char*, bool>({
        {"", true},
        {"Zo\u00eb \U0001f4de \\ \"", true},
        {"a\nb", false},
        {"\x1b[2J", false},
        {"\x7f", false},
        {"\u009b2J", false},
        {"\u00a0", true},
        {"\u061c", false},
        {"\u200d", true},
        {"\u200e", false},
        {"\u202a", false},
        {"\u202e", false},
        {"\u202f", true},
        {"\u2066", false},
        {"\u2069", false},
        {"\xff", false},
    }));
    CHECK(shows_as_it_is(text) == shows);
}

TEST_CASE("of a flood of one event class, one record an interval is written and the rest counted", "[log]") {
    rate_limited_log flood{"test", 10s};
    const rate_limited_log::clock::time_point start{1'000s};
    std::uint64_t left_out{99};
    CHECK(flood.admit(start, left_out));
    CHECK(left_out == 0);
    CHECK_FALSE(flood.admit(start, left_out));
    CHECK_FALSE(flood.admit(start + 9'999ms, left_out));
    CHECK(flood.admit(start + 10s, left_out));
    CHECK(left_out == 2);
    CHECK(flood.admit(start + 20s, left_out));
    CHECK(left_out == 0);
}

TEST_CASE("a logger is made once and keeps its place", "[log]") {
    CHECK(&logger("relay.io") == &logger("relay.io"));
    CHECK(&logger("relay.io") != &logger("api.http"));
}
