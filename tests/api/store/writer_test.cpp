#include "api/store/writer.hpp"

#include "api/store/store_error.hpp"
#include "tests/common/config/temporary_directory.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <future>
#include <new>
#include <thread>

#include <sqlite3.h>

using namespace turnix;
using namespace turnix::store;
using namespace std::chrono_literals;

namespace {

constexpr auto add_one = [](sqlite_database& database) { database.run("insert into a values (1)"); };
constexpr auto break_a_rule = [](sqlite_database& database) { database.run("insert into a values (null)"); };

std::int64_t count_in(sqlite_database& database) {
    auto rows = database.query("select count(*) from a");
    rows.next();
    return rows.get<std::int64_t>(0);
}

class writer_fixture {
  public:
    writer_fixture() {
        writing.run([](sqlite_database& database) { database.run("create table a (x not null)"); });
    }

    std::int64_t count() {
        std::int64_t counted = 0;
        writing.run([&counted](sqlite_database& database) { counted = count_in(database); });
        return counted;
    }

    /// Keeps the store's thread busy until the returned promise is kept.
    std::promise<void> block() {
        std::promise<void> release;
        auto started = std::make_shared<std::promise<void>>();
        const auto released = release.get_future().share();
        REQUIRE(writing.post([released, started](sqlite_database&) {
            started->set_value();
            released.wait();
        }));
        started->get_future().wait();
        return release;
    }

    tests::temporary_directory directory;
    writer writing{sqlite_database{directory.path() / "a.db"}};
};

}  // namespace

TEST_CASE_METHOD(writer_fixture, "work that breaks a rule is undone alone", "[store]") {
    {
        auto release = block();
        REQUIRE(writing.post(add_one));
        REQUIRE(writing.post([](sqlite_database& database) {
            add_one(database);
            break_a_rule(database);
        }));
        REQUIRE(writing.post(add_one));
        release.set_value();
    }
    CHECK(count() == 2);
    CHECK(writing.losses() == 1);
}

TEST_CASE_METHOD(writer_fixture, "who waits gets the failure of its own work, counted by nobody", "[store]") {
    CHECK_THROWS_AS(writing.run(break_a_rule), store_error);
    CHECK_THROWS_AS(writing.run([](sqlite_database&) { throw std::invalid_argument{"no"}; }),
                    std::invalid_argument);
    CHECK(writing.losses() == 0);
    CHECK(count() == 0);
}

TEST_CASE_METHOD(writer_fixture, "work that there is no memory for is done when there is, once", "[store]") {
    int tries = 0;
    writing.run([&tries](sqlite_database& database) {
        add_one(database);
        if (++tries == 1) throw std::bad_alloc{};
    });
    CHECK(tries == 2);
    CHECK(count() == 1);
    CHECK(writing.losses() == 0);
}

TEST_CASE_METHOD(writer_fixture, "a full queue refuses without blocking", "[store]") {
    auto release = block();
    for (std::size_t i = 0; i < writer::queue_max; ++i) REQUIRE(writing.post(add_one));
    CHECK_FALSE(writing.post(add_one));
    release.set_value();
    CHECK(count() == writer::queue_max);
}

TEST_CASE_METHOD(writer_fixture, "while the database fails, records wait and callers are told at once",
                 "[store]") {
    const auto failing = std::make_shared<std::atomic<bool>>(true);
    const auto attempts = std::make_shared<std::atomic<int>>(0);
    REQUIRE(writing.post([failing, attempts](sqlite_database& database) {
        ++*attempts;
        add_one(database);
        if (*failing) throw store_error{SQLITE_FULL, "disk full"};
    }));
    while (*attempts == 0) std::this_thread::yield();
    CHECK_THROWS_AS(writing.run(add_one), store_error);
    REQUIRE(writing.post(add_one));
    *failing = false;
    std::optional<std::int64_t> counted;
    while (!counted) {
        try {
            counted = count();
        } catch (const store_error&) {
            std::this_thread::yield();
        }
    }
    CHECK(counted == 2);
    CHECK(writing.losses() == 0);
}

TEST_CASE("records are gathered for one commit until somebody waits", "[store]") {
    const tests::temporary_directory directory;
    const auto file = directory.path() / "a.db";
    const auto begun = std::chrono::steady_clock::now();
    writer writing{sqlite_database{file}, {.gather = 1h}};
    writing.run([](sqlite_database& database) { database.run("create table a (x)"); });
    REQUIRE(writing.post(add_one));
    REQUIRE(writing.post(add_one));
    std::this_thread::sleep_for(100ms);
    sqlite_database reader{file};
    CHECK(count_in(reader) == 0);
    writing.run(add_one);
    CHECK(count_in(reader) == 3);
    REQUIRE(writing.post(add_one));
    CHECK(std::chrono::steady_clock::now() - begun < 1h);
}

TEST_CASE("a group that is full is committed at once", "[store]") {
    const tests::temporary_directory directory;
    const auto file = directory.path() / "a.db";
    writer writing{sqlite_database{file}, {.gather = 1h}};
    writing.run([](sqlite_database& database) { database.run("create table a (x)"); });
    for (std::size_t i = 0; i < writer::group_max; ++i) REQUIRE(writing.post(add_one));
    sqlite_database reader{file};
    while (count_in(reader) != writer::group_max) std::this_thread::yield();
}

TEST_CASE("what is queued is committed before the writer ends", "[store]") {
    const tests::temporary_directory directory;
    const auto file = directory.path() / "a.db";
    {
        writer writing{sqlite_database{file}};
        REQUIRE(writing.post([](sqlite_database& database) { database.run("create table a (x)"); }));
        for (int i = 0; i < 2'000; ++i) REQUIRE(writing.post(add_one));
    }
    sqlite_database database{file};
    auto rows = database.query("select count(*) from a");
    REQUIRE(rows.next());
    CHECK(rows.get<std::int64_t>(0) == 2'000);
}

TEST_CASE("records that cannot be written when the writer ends do not hold it up", "[store]") {
    const tests::temporary_directory directory;
    writer writing{sqlite_database{directory.path() / "a.db"}};
    REQUIRE(writing.post([](sqlite_database&) { throw store_error{SQLITE_READONLY, "read-only"}; }));
}
