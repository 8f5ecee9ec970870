#include "api/store/store.hpp"

#include "tests/api/store/examples.hpp"

#include <catch2/catch.hpp>

#include <fstream>

using namespace turnix;
using Catch::Matchers::Contains;

TEST_CASE("a new database is private, and opening it again changes nothing", "[store]") {
    const tests::temporary_directory directory;
    const auto file = directory.path() / "turnix.db";
    {
        const store::store made{file};
    }
    CHECK(std::filesystem::status(file).permissions() ==
          (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
    store::store again{file};
    CHECK(again.organisations().empty());
    CHECK(again.tokens().empty());
}

TEST_CASE("a file that is no database is refused by name and left alone", "[store]") {
    const tests::temporary_directory directory;
    const auto file = directory.path() / "turnix.db";
    const std::string text(4096, 'x');
    std::ofstream{file} << text;
    CHECK_THROWS_WITH(store::store{file}, Contains(file.string()));
    CHECK(std::filesystem::file_size(file) == text.size());
    CHECK_THROWS_WITH(store::store{directory.path() / "none" / "turnix.db"}, Contains("cannot be opened"));
}

TEST_CASE("tenants survive a restart whole", "[store]") {
    const tests::temporary_directory directory;
    const auto file = directory.path() / "turnix.db";
    const tests::tenant made{"acme", "calls"};
    {
        store::store store{file};
        store.add_tenant(made.organisation, made.project, made.token);
    }
    store::store store{file};
    REQUIRE(store.organisations().size() == 1);
    CHECK(store.organisations()[0].id == made.organisation.id);
    CHECK(store.organisations()[0].default_project == made.project.id);
    REQUIRE(store.projects().size() == 1);
    CHECK(store.projects()[0].settings == made.project.settings);
    CHECK(store.projects()[0].slug == "calls");
    REQUIRE(store.tokens().size() == 1);
    const auto token = store.tokens()[0];
    CHECK(token.reach == made.token.reach);
    CHECK(token.scopes == made.token.scopes);
    CHECK(token.digest == made.token.digest);
    CHECK(token.created_at == made.token.created_at);
    CHECK(token.expires_at == made.token.expires_at);
    CHECK_FALSE(token.revoked_at.has_value());
}

TEST_CASE("a tenant that breaks a rule of the schema is refused whole", "[store]") {
    const tests::temporary_directory directory;
    store::store store{directory.path() / "turnix.db"};
    const tests::tenant first{"acme", "calls"};
    store.add_tenant(first.organisation, first.project, first.token);
    tests::tenant second{"other", "calls"};
    SECTION("an identifier that exists") { second.token.id = first.token.id; }
    SECTION("a project of another organisation's making") {
        second.project.organisation = organisation_id::random();
    }
    SECTION("a time to live of nothing") { second.project.settings.ttl_default = std::chrono::seconds{0}; }
    CHECK_THROWS_AS(store.add_tenant(second.organisation, second.project, second.token), store::store_error);
    CHECK(store.organisations().size() == 1);
    CHECK(store.records_lost() == 0);
}

TEST_CASE("names are data, never SQL", "[store]") {
    const tests::temporary_directory directory;
    const auto* const name =
        GENERATE("'); drop table tokens; --", "\" or 1=1 --", "%s%x%n", "?1", "a\\", "\xf0\x9f\x93\x9e");
    store::store store{directory.path() / "turnix.db"};
    tests::tenant made{name, "calls"};
    made.token.name = name;
    store.add_tenant(made.organisation, made.project, made.token);
    CHECK(store.organisations()[0].name == name);
    CHECK(store.tokens()[0].name == name);
}

TEST_CASE("a token's last use never goes back", "[store]") {
    const tests::temporary_directory directory;
    store::store store{directory.path() / "turnix.db"};
    const tests::tenant made{"acme", "calls"};
    store.add_tenant(made.organisation, made.project, made.token);
    const auto later = tests::noon + std::chrono::hours{1};
    store.record_token_use(made.token.id, later);
    store.record_token_use(made.token.id, tests::noon);
    CHECK(store.tokens()[0].last_used_at == later);
}

TEST_CASE("an issued credential is written once, with its names, absent ones as null", "[store]") {
    const tests::temporary_directory directory;
    const auto file = directory.path() / "turnix.db";
    const auto claims = tests::claims_of_a_call();
    {
        store::store store{file};
        store.record_issue(claims);
        store.record_issue(claims);
        store.flush();
    }
    store::sqlite_database database{file};
    auto rows = database.query(
        "select project_id, room, initiator_client, receiver_client, bytes_max, bitrate_bps_max, "
        "expires_at_ms,"
        " allowed_client, packets_per_second_max from credentials where id = ?",
        claims.id);
    REQUIRE(rows.next());
    CHECK(rows.get<project_id>(0) == claims.project);
    CHECK(rows.get<std::string>(1) == claims.room);
    CHECK(rows.get<std::string>(2) == claims.initiator_client);
    CHECK_FALSE(rows.get<std::optional<std::string>>(3).has_value());
    CHECK(rows.get<std::int64_t>(4) == 1'000);
    CHECK_FALSE(rows.get<std::optional<std::int64_t>>(5).has_value());
    CHECK(rows.get<wall_time>(6) == claims.expires_at);
    CHECK(rows.get<std::string>(7) == "2001:db8::7");
    CHECK_FALSE(rows.get<std::optional<std::int64_t>>(8).has_value());
    CHECK_FALSE(rows.next());
}

TEST_CASE("whatever was recorded before flush returned is there after a restart", "[store]") {
    const tests::temporary_directory directory;
    const auto file = directory.path() / "turnix.db";
    constexpr int records = 3'000;
    {
        store::store store{file};
        auto claims = tests::claims_of_a_call();
        for (int i = 0; i < records; ++i) {
            claims.id = credential_id::random();
            store.record_issue(claims);
        }
    }
    store::sqlite_database database{file};
    auto rows = database.query("select count(*) from credentials");
    REQUIRE(rows.next());
    CHECK(rows.get<std::int64_t>(0) == records);
}
