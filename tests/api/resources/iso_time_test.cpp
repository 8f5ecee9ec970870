#include "api/resources/iso_time.hpp"

#include <catch2/catch.hpp>

using turnix::wall_time;
using turnix::api::parse_iso_time;
using turnix::api::to_iso_time;

TEST_CASE("times are written in UTC with milliseconds, and read back", "[api][time]") {
    const auto [milliseconds, text] = GENERATE(table<std::int64_t, const char*>({
        {0, "1970-01-01T00:00:00.000Z"},
        {1'767'712'462'277, "2026-01-06T15:14:22.277Z"},
        {1'709'210'096'005, "2024-02-29T12:34:56.005Z"},
        {-9'214'560'000'000, "1678-01-01T00:00:00.000Z"},
        {9'214'646'399'999, "2261-12-31T23:59:59.999Z"},
    }));
    const wall_time time{std::chrono::milliseconds{milliseconds}};
    CHECK(to_iso_time(time) == text);
    CHECK(parse_iso_time(text) == time);
}

TEST_CASE("what is no time is refused", "[api][time]") {
    CHECK(parse_iso_time("2026-01-06T15:14:22Z") == wall_time{std::chrono::seconds{1'767'712'462}});
    const auto* const text = GENERATE(
        "", "2026-01-06", "2026-01-06T15:14:22", "2026-01-06T15:14:22+01:00", "2026-13-06T15:14:22Z",
        "2026-02-29T15:14:22Z", "2026-01-06T24:00:00Z", "2026-01-06T15:60:22Z", "2026-01-06 15:14:22Z",
        "2026-01-06T15:14:22.2Z", "x026-01-06T15:14:22Z", "0000-01-01T00:00:00Z", "1677-09-20T00:00:00Z",
        "2262-04-12T00:00:00Z", "9999-12-31T23:59:59.999Z");
    CHECK_FALSE(parse_iso_time(text));
}
