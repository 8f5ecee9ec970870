#include "api/fleet/geoip.hpp"

#include "api/fleet/country_centroids.hpp"
#include "tests/api/scratch_directory.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <iterator>

using namespace turnix;
using namespace turnix::fleet;

namespace {

const std::filesystem::path fixtures{TURNIX_SOURCE_DIRECTORY "/tests/api/fleet/fixtures"};

std::optional<coordinates> located(const char* database, const char* address) {
    return geoip::open(fixtures / database).locate(net::address::parse(address).value());
}

std::string contents_of(const std::filesystem::path& file) {
    std::ifstream stream{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{stream}, {}};
}

void write(const std::filesystem::path& file, std::string_view bytes) {
    std::ofstream{file, std::ios::binary} << bytes;
}

}  // namespace

TEST_CASE("the nested layout of GeoIP2, GeoLite2 and DB-IP is read", "[fleet][geoip]") {
    CHECK(located("nested.mmdb", "81.2.69.160") == coordinates{51.5, -0.1});
    CHECK(located("nested.mmdb", "133.1.2.3") == coordinates{34.7, 135.5});
    CHECK(located("nested.mmdb", "2a02:c7f::1") == coordinates{53.5, -2.2});
    CHECK(located("nested.mmdb", "200.160.2.3") == country_centroid("BR"));  // a record without a place
}

TEST_CASE("the flat layout of @ip-location-db is read", "[fleet][geoip]") {
    CHECK(located("flat.mmdb", "81.2.69.160") == coordinates{51.5, -0.125});
    CHECK(located("flat.mmdb", "2a02:c7f::1") == coordinates{53.5, -2.25});
}

TEST_CASE("a file that knows countries only gives their middles", "[fleet][geoip]") {
    CHECK(located("country.mmdb", "133.1.2.3") == country_centroid("JP"));
    CHECK(located("country.mmdb", "200.160.2.3") == country_centroid("BR"));
    CHECK_FALSE(located("country.mmdb", "198.51.0.1"));  // QQ is no country
}

TEST_CASE("what the file does not know has no place", "[fleet][geoip]") {
    const auto* const address = GENERATE("10.0.0.1", "127.0.0.1", "::1", "192.0.2.1", "fd00::1");
    CHECK_FALSE(located("nested.mmdb", address));
}

TEST_CASE("countries have their place", "[fleet][geoip]") {
    CHECK(distance_km(country_centroid("DE").value(), {50.1, 8.7}) < 300);
    CHECK(country_centroid("AD"));
    CHECK(country_centroid("ZW"));
    const auto* const code = GENERATE("", "D", "de", "DEU", "ZZ", "A");
    CHECK_FALSE(country_centroid(code));
}

TEST_CASE("a database that cannot be used is told with its name and the remedy", "[fleet][geoip]") {
    const auto [file, fault] = GENERATE(table<std::filesystem::path, const char*>({
        {"/nonexistent.mmdb", "No such file"},
        {"/", "cannot use"},
        {fixtures / "make_databases.pl", "metadata"},
        {fixtures / "asn.mmdb", "no places and no countries"},
    }));
    CHECK_THROWS_WITH(geoip::open(file), Catch::Contains(file.string()) && Catch::Contains(fault) &&
                                             Catch::Contains("node.geoip_file"));
}

TEST_CASE("coordinates that are nowhere on the globe are not believed", "[fleet][geoip]") {
    auto bytes = contents_of(fixtures / "flat.mmdb");
    const std::string latitude{"\x42\x4e\0\0", 4};  // 51.5 in single precision
    const auto at = bytes.find(latitude);
    REQUIRE(at != std::string::npos);
    const auto* const nowhere = GENERATE("\x7f\xc0\x00\x00", "\x7f\x80\x00\x00", "\x42\xb4\x00\x01");
    bytes.replace(at, latitude.size(), nowhere, latitude.size());
    const scratch_directory scratch;
    const auto file = scratch.path() / "nowhere.mmdb";
    write(file, bytes);
    const auto located = geoip::open(file).locate(net::address::parse("81.2.69.160").value());
    CHECK(located == country_centroid("GB"));
}

TEST_CASE("a damaged database never crashes: it is refused, or its look-ups miss", "[fleet][geoip]") {
    const auto whole = contents_of(fixtures / "nested.mmdb");
    REQUIRE(whole.size() > 1000);
    const auto address = net::address::parse("81.2.69.160").value();
    const scratch_directory scratch;
    const auto file = scratch.path() / "damaged.mmdb";
    const auto survives = [&](std::string_view bytes) {
        write(file, bytes);
        try {
            static_cast<void>(geoip::open(file).locate(address));
        } catch (const std::runtime_error&) {
            SUCCEED("refused");
        }
    };
    for (std::size_t length = 0; length < whole.size(); length += 97) {
        survives(whole.substr(0, length));
        survives(whole.substr(length));
    }
    for (std::size_t at = 0; at < whole.size(); at += 7) {
        auto damaged = whole;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x5a);
        survives(damaged);
    }
}

TEST_CASE("replacing or truncating the file does not touch an open database", "[fleet][geoip]") {
    const scratch_directory scratch;
    const auto file = scratch.path() / "copy.mmdb";
    std::filesystem::copy_file(fixtures / "nested.mmdb", file);
    const auto opened = geoip::open(file);
    write(file, "");
    CHECK(opened.locate(net::address::parse("133.1.2.3").value()) == coordinates{34.7, 135.5});
}
