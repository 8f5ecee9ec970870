#include "api/console/accept_encoding.hpp"

#include <catch2/catch.hpp>

#include <string_view>

using turnix::console::accepts;

TEST_CASE("RFC 9110 12.5.3: a coding is taken when it is named and not refused", "[console]") {
    const auto [field, brotli, gzip] = GENERATE(table<std::string_view, bool, bool>({
        {"", false, false},
        {"gzip", false, true},
        {"gzip, deflate, br, zstd", true, true},
        {"GZIP;q=0.5 , BR", true, true},
        {"br;q=0, gzip;q=0.001", false, true},
        {"br ; q=0.000, *", false, true},
        {"*;q=0, br;q=1", true, false},
        {"brotli, xgzip", false, false},
        {", ,;;,q=0", false, false},
    }));
    CAPTURE(field);
    CHECK(accepts(field, "br") == brotli);
    CHECK(accepts(field, "gzip") == gzip);
}
