#include "relay/io/reserved_ports.hpp"

#include <catch2/catch.hpp>

using namespace turnix;

TEST_CASE("a range is reserved when one entry of the kernel's list holds all of it", "[io][ports]") {
    const auto [list, expected] = GENERATE(table<const char*, bool>({
        {"49152-65535", true},
        {"1-65535", true},
        {"3478,5349,40000-65535", true},
        {"49152-65534", false},
        {"49153-65535", false},
        {"49152,65535", false},
        {"", false},
        {"nonsense", false},
        {"-", false},
        {",", false},
    }));
    INFO(list);
    CHECK(io::covers(list, {.first = 49'152, .last = 65'535}) == expected);
}

TEST_CASE("a single port is a range", "[io][ports]") {
    CHECK(io::covers("5000", {.first = 5'000, .last = 5'000}));
    CHECK_FALSE(io::covers("5001", {.first = 5'000, .last = 5'000}));
}
