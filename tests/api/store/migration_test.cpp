#include "api/store/migration.hpp"

#include "api/store/sqlite_database.hpp"
#include "api/store/store_error.hpp"
#include "tests/common/config/temporary_directory.hpp"

#include <catch2/catch.hpp>

#include <array>

using namespace turnix;
using namespace turnix::store;
using Catch::Matchers::Contains;

namespace {

constexpr std::array history{
    migration{.number = 1, .name = "0001_a", .sql = "create table a (x); insert into a values (1);"},
    migration{.number = 2, .name = "0002_b", .sql = "alter table a add column y; update a set y = 2;"},
};
constexpr migration broken{
    .number = 3, .name = "0003_c", .sql = "update a set y = 3; insert into nowhere values (1);"};

std::int64_t number_in(sqlite_database& database, sql_literal query) {
    auto rows = database.query(query);
    REQUIRE(rows.next());
    return rows.get<std::int64_t>(0);
}

}  // namespace

TEST_CASE("the embedded migrations are numbered from 1 without gaps", "[store]") {
    int expected = 1;
    for (const auto& each : migrations()) {
        CHECK(each.number == expected++);
        CHECK_FALSE(each.sql.empty());
    }
    CHECK(expected > 1);
}

TEST_CASE("each migration is applied once, in order, however far the database is", "[store]") {
    const tests::temporary_directory directory;
    const auto file = directory.path() / "a.db";
    const auto already_applied = GENERATE(0U, 1U, 2U);
    {
        sqlite_database database{file};
        migrate(database, std::span{history}.first(already_applied));
    }
    sqlite_database database{file};
    migrate(database, history);
    CHECK(number_in(database, "select count(*) from a") == 1);
    CHECK(number_in(database, "select y from a") == 2);
    CHECK(number_in(database, "select count(*) from migrations") == 2);
}

TEST_CASE("a migration that fails leaves nothing of itself", "[store]") {
    const tests::temporary_directory directory;
    sqlite_database database{directory.path() / "a.db"};
    const std::array with_fault{history[0], history[1], broken};
    CHECK_THROWS_AS(migrate(database, with_fault), store_error);
    CHECK(number_in(database, "select y from a") == 2);
    CHECK(number_in(database, "select max(number) from migrations") == 2);
}

TEST_CASE("a database of a newer version is refused with the remedy", "[store]") {
    const tests::temporary_directory directory;
    sqlite_database database{directory.path() / "a.db"};
    migrate(database, history);
    CHECK_THROWS_WITH(migrate(database, std::span{history}.first(1)), Contains("newer turnixd"));
}
