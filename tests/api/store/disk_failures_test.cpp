// Every call to the disk fails once, one after the other, while records are written: what was acknowledged is
// there, once, and the file is whole.
#include "api/store/migration.hpp"
#include "api/store/writer.hpp"
#include "tests/api/store/failing_disk.hpp"
#include "tests/common/config/temporary_directory.hpp"
#include "tests/scale.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

using namespace turnix;
using namespace turnix::store;

namespace {

constexpr std::int64_t pieces = 24;
constexpr auto retry = std::chrono::milliseconds{1};

/// Every call at full scale, a sample of them otherwise: most of the time goes to the disk.
int stride() { return tests::is_full_scale() ? 1 : 7; }

/// Only work that may be done twice is recorded.
writer::work record(std::int64_t number) {
    return [number](sqlite_database& database) {
        database.run("insert or ignore into recorded values (?)", number);
    };
}

writer::work demand(std::int64_t number) {
    return [number](sqlite_database& database) { database.run("insert into demanded values (?)", number); };
}

/// The pieces of work that were acknowledged to those who waited; the others may be done or not.
std::vector<std::int64_t> write(const std::filesystem::path& file) {
    sqlite_database opened{file};
    migrate(opened, migrations());
    opened.run_script("create table if not exists recorded (x integer primary key)");
    opened.run_script("create table if not exists demanded (x integer)");
    std::vector<std::int64_t> acknowledged;
    writer writing{std::move(opened), {.gather = {}, .retry = retry}};
    for (std::int64_t number = 0; number < pieces; ++number) {
        REQUIRE(writing.post(record(number)));
        try {
            writing.run(demand(number));
            acknowledged.push_back(number);
        } catch (const store_error& error) {
            CHECK_FALSE(error.is_about_the_data());
        }
    }
    for (bool committed = false; !committed;) {
        try {
            writing.run([](sqlite_database&) {});
            committed = true;
        } catch (const store_error&) {
            std::this_thread::yield();
        }
    }
    CHECK(writing.losses() == 0);
    return acknowledged;
}

/// Opening is refused, with the reason, while the disk fails; it goes well afterwards.
std::vector<std::int64_t> write_at_last(const std::filesystem::path& file) {
    for (;;) {
        try {
            return write(file);
        } catch (const store_error& error) {
            CHECK_FALSE(error.is_about_the_data());
        }
    }
}

std::vector<std::int64_t> column(sqlite_database& database, sql_literal query) {
    std::vector<std::int64_t> all;
    for (auto rows = database.query(query); rows.next();) all.push_back(rows.get<std::int64_t>(0));
    return all;
}

void check_kept(const std::filesystem::path& file, const std::vector<std::int64_t>& acknowledged) {
    sqlite_database database{file};
    {
        auto verdict = database.query("pragma integrity_check");
        REQUIRE(verdict.next());
        CHECK(verdict.get<std::string>(0) == "ok");
    }
    CHECK(column(database, "select count(*) from recorded") == std::vector{pieces});
    const auto demanded = column(database, "select x from demanded order by x");
    CHECK(std::ranges::includes(demanded, acknowledged));
    CHECK(std::ranges::adjacent_find(demanded) == demanded.end());
}

}  // namespace

TEST_CASE("whichever call to the disk fails, nothing acknowledged is lost or doubled", "[store]") {
    const auto [what, code] =
        GENERATE(table<std::string, int>({{"an I/O error", SQLITE_IOERR}, {"a full disk", SQLITE_FULL}}));
    const int times = GENERATE(1, 3);
    tests::failing_disk disk;
    bool failed = true;
    int call = times;
    int tried = 0;
    for (; failed; call += stride(), ++tried) {
        CAPTURE(what, times, call);
        const tests::temporary_directory directory;
        const auto file = directory.path() / "a.db";
        disk.fail(call, times, code);
        const auto acknowledged = write_at_last(file);
        failed = disk.failures() > 0;
        disk.heal();
        check_kept(file, acknowledged);
    }
    CHECK(call > 100);
    tests::tell_figure(
        "storage-io-error",
        fmt::format("{} on {} calls in a row, from each of {} calls to the disk on: nothing acknowledged "
                    "lost or doubled, integrity_check ok",
                    what, times, tried));
}
