#include "api/upstream/wire_text.hpp"

#include "api/upstream/upstream_error.hpp"

#include <catch2/catch.hpp>

using namespace turnix;
using namespace turnix::upstream;

namespace {

std::vector<std::byte> bytes(std::initializer_list<int> values) {
    std::vector<std::byte> made;
    for (const int each : values) made.push_back(static_cast<std::byte>(each));
    return made;
}

}  // namespace

TEST_CASE("a column of rows becomes an array as PostgreSQL reads it", "[upstream]") {
    const std::vector<row> rows{
        {std::int64_t{-7}, std::string{"plain"}, bytes({0x00, 0xff})},
        {std::monostate{}, std::string{R"(a "b" \c, {d})"}, bytes({})},
        {std::int64_t{1'767'700'800'000}, std::string{}, std::monostate{}},
    };
    CHECK(array_text(rows, 0) == "{-7,NULL,1767700800000}");
    CHECK(array_text(rows, 1) == R"({"plain","a \"b\" \\c, {d}",""})");
    CHECK(array_text(rows, 2) == R"({"\\x00ff","\\x",NULL})");
    CHECK(array_text({}, 0) == "{}");
}

TEST_CASE("a text that says NULL is no null", "[upstream]") {
    const std::vector<row> rows{{std::string{"NULL"}}};
    CHECK(array_text(rows, 0) == R"({"NULL"})");
}

TEST_CASE("what PostgreSQL writes comes back as the value that it was", "[upstream]") {
    CHECK(cell_from("-42", wire_type::number) == sqlite_cell{std::int64_t{-42}});
    CHECK(cell_from("t", wire_type::truth) == sqlite_cell{std::int64_t{1}});
    CHECK(cell_from("f", wire_type::truth) == sqlite_cell{std::int64_t{0}});
    CHECK(cell_from("Grüße", wire_type::text) == sqlite_cell{std::string{"Grüße"}});
    CHECK(cell_from("", wire_type::text) == sqlite_cell{std::string{}});
    CHECK(cell_from("\\x00ff7e", wire_type::bytes) == sqlite_cell{bytes({0x00, 0xff, 0x7e})});
    CHECK(bytes_text(bytes({0x00, 0xff, 0x7e})) == "\\x00ff7e");
}

TEST_CASE("a column that is not of its type is refused", "[upstream]") {
    const auto [text, type] =
        GENERATE(table<std::string, wire_type>({{"", wire_type::number},
                                                {"1x", wire_type::number},
                                                {"9223372036854775808", wire_type::number},
                                                {"00ff", wire_type::bytes},
                                                {"\\x0", wire_type::bytes},
                                                {"\\x0G", wire_type::bytes}}));
    CAPTURE(text);
    CHECK_THROWS_AS(cell_from(text, type), upstream_error);
}
