// What waits to go up, and what comes down, in a node's own database: no PostgreSQL is needed for it.
#include "api/upstream/outbox.hpp"

#include "api/store/audit_table.hpp"
#include "api/store/migration.hpp"
#include "api/store/project_table.hpp"
#include "api/store/session_history.hpp"
#include "api/store/session_table.hpp"
#include "api/store/token_table.hpp"
#include "api/store/webhook_table.hpp"
#include "tests/api/store/examples.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace turnix;
using namespace turnix::upstream;
using tests::noon;

namespace {

const shared_table& table_of(shared_kind kind) {
    return *std::ranges::find(shared_tables(), kind, &shared_table::kind);
}

/// One node's store.
struct node {
    node() { store::migrate(database, store::migrations()); }

    void add(const tests::tenant& made) {
        store::insert_organisation(database, made.organisation);
        store::insert_project(database, made.project);
        store::update_organisation(database, made.organisation);
        store::insert_token(database, made.token);
    }
    std::vector<waiting_row> waiting(shared_kind kind) {
        return read_waiting(database, table_of(kind), newest_waiting(database), 100);
    }
    void settle_all(shared_kind kind) { settle(database, table_of(kind), waiting(kind)); }
    std::vector<store::audit_entry> audit(organisation_id of) {
        return store::read_audit(database, {.organisation = of, .limit = 10});
    }

    tests::temporary_directory directory;
    store::sqlite_database database{directory.path() / "a.db"};
};

/// What another node reads when these went up: as rows from up there.
std::vector<row> as_read_there(node& from, const shared_table& table, std::span<const waiting_row> rows) {
    std::vector<row> made;
    std::int64_t change = 0;
    for (const auto& each : rows) {
        row given{++change};
        auto columns = std::span{each.columns};
        if (table.is_history) {
            given.insert(given.end(), {std::int64_t{0}, std::int64_t{0}});
        } else {
            given.insert(given.end(), columns.begin(), columns.begin() + 2);
            columns = columns.subspan(2);
        }
        given.emplace_back(node_name(from.database));
        given.insert(given.end(), columns.begin(), columns.end());
        made.push_back(std::move(given));
    }
    return made;
}

/// Everything of one kind that waits at one node comes to another.
taken_rows carry(node& from, node& to, shared_kind kind) {
    const auto& table = table_of(kind);
    const auto rows = from.waiting(kind);
    const auto given = as_read_there(from, table, rows);
    auto taken = take(to.database, table, given, static_cast<std::int64_t>(given.size()));
    if (kind == shared_kind::project) {
        const auto& organisations = table_of(shared_kind::organisation);
        const auto again = from.waiting(shared_kind::organisation);
        complete_organisations(to.database, organisations, as_read_there(from, organisations, again));
    }
    return taken;
}

void carry_tenants(node& from, node& to) {
    for (const auto kind :
         {shared_kind::organisation, shared_kind::project, shared_kind::token, shared_kind::webhook})
        carry(from, to, kind);
}

contract::traffic_counters traffic(std::uint64_t bytes) {
    return {.uplink_packets = 1, .uplink_bytes = bytes, .downlink_packets = 0, .downlink_bytes = 0};
}

}  // namespace

TEST_CASE("a tenant that was made on one node is the same on another", "[upstream]") {
    node one;
    node other;
    tests::tenant made{"Example", "default"};
    made.project.settings.quotas.bitrate_bps = 5'000'000;
    made.project.settings.quotas.packets_per_second = 5'000;
    made.project.settings.limits.packets_per_second = 60;
    made.project.settings.links.room = "https://example.net/{room}";
    made.token.previous_digest = model::secret_digest{std::byte{9}};
    made.token.previous_ends_at = noon + std::chrono::hours{1};
    one.add(made);
    const model::webhook hook{.id = webhook_id::random(),
                              .project = made.project.id,
                              .url = "https://example.net/",
                              .events = {"session.ended"},
                              .secret = "whsec_1",
                              .enabled = false,
                              .created_at = noon};
    store::insert_webhook(one.database, hook);
    carry_tenants(one, other);

    const auto organisation = store::find_organisation(other.database, made.organisation.id);
    REQUIRE(organisation);
    CHECK(organisation->name == "Example");
    CHECK(organisation->default_project == made.project.id);
    const auto project = store::find_project(other.database, made.project.id);
    REQUIRE(project);
    CHECK(project->slug == "default");
    CHECK(project->settings == made.project.settings);
    const auto token = store::find_token(other.database, made.token.id);
    REQUIRE(token);
    CHECK(token->digest == made.token.digest);
    CHECK(token->scopes == made.token.scopes);
    CHECK(token->expires_at == made.token.expires_at);
    CHECK(token->previous_ends_at == made.token.previous_ends_at);
    CHECK(store::find_webhook(other.database, hook.id) == hook);
}

TEST_CASE("what came down does not go up again, and changes nothing when it comes twice", "[upstream]") {
    node one;
    node other;
    one.add({"Example", "default"});
    carry_tenants(one, other);
    CHECK(count_waiting(other.database) == 0);
    CHECK(carry(one, other, shared_kind::token).changed.empty());
}

TEST_CASE("what was taken up there waits no more, and what changed meanwhile does", "[upstream]") {
    node one;
    tests::tenant made{"Example", "default"};
    one.add(made);
    const auto read = one.waiting(shared_kind::token);
    REQUIRE(read.size() == 1);
    made.token.name = "renamed";
    store::update_token(one.database, made.token);
    settle(one.database, table_of(shared_kind::token), read);
    REQUIRE(one.waiting(shared_kind::token).size() == 1);
    one.settle_all(shared_kind::token);
    CHECK(one.waiting(shared_kind::token).empty());
}

TEST_CASE("the use of a token stays on its node", "[upstream]") {
    node one;
    const tests::tenant made{"Example", "default"};
    one.add(made);
    one.settle_all(shared_kind::token);
    store::set_token_used(one.database, made.token.id, noon);
    CHECK(one.waiting(shared_kind::token).empty());
}

TEST_CASE("of two changes the later one counts on both nodes, and the conflict is in the audit log",
          "[upstream]") {
    node one;
    node other;
    tests::tenant made{"Example", "default"};
    one.add(made);
    carry_tenants(one, other);
    for (const auto kind : {shared_kind::organisation, shared_kind::project, shared_kind::token})
        one.settle_all(kind);

    made.token.name = "earlier";
    store::update_token(one.database, made.token);
    other.database.run("update upstream_link set newest = newest + 1000");  // its clock is ahead
    made.token.name = "later";
    store::update_token(other.database, made.token);
    const auto from_one = as_read_there(one, table_of(shared_kind::token), one.waiting(shared_kind::token));
    CHECK(carry(other, one, shared_kind::token).conflicts == 1);
    CHECK(take(other.database, table_of(shared_kind::token), from_one, 2).conflicts == 1);

    CHECK(store::find_token(one.database, made.token.id)->name == "later");
    CHECK(store::find_token(other.database, made.token.id)->name == "later");
    CHECK(one.waiting(shared_kind::token).empty());
    CHECK(other.waiting(shared_kind::token).size() == 1);
    REQUIRE(one.audit(made.organisation.id).size() == 1);
    CHECK(one.audit(made.organisation.id).front().target == "/api/v1/tokens/" + made.token.id.to_string());
    CHECK(other.audit(made.organisation.id).size() == 1);
}

TEST_CASE("a node's own earlier change that comes back is no conflict with its later one", "[upstream]") {
    node one;
    tests::tenant made{"Example", "default"};
    one.add(made);
    const auto sent = as_read_there(one, table_of(shared_kind::token), one.waiting(shared_kind::token));
    one.settle_all(shared_kind::token);
    made.token.name = "later";
    store::update_token(one.database, made.token);
    const auto taken = take(one.database, table_of(shared_kind::token), sent, 1);
    CHECK(taken.changed.empty());
    CHECK(taken.conflicts == 0);
    CHECK(store::find_token(one.database, made.token.id)->name == "later");
    CHECK(one.waiting(shared_kind::token).size() == 1);
}

TEST_CASE("a project that was removed is removed everywhere, with all that is in it", "[upstream]") {
    node one;
    node other;
    const tests::tenant made{"Example", "default"};
    one.add(made);
    const model::project second{.id = project_id::random(),
                                .organisation = made.organisation.id,
                                .slug = "second",
                                .settings = {},
                                .created_at = noon};
    store::insert_project(one.database, second);
    auto token = made.token;
    token.id = token_id::random();
    token.reach.project = second.id;
    store::insert_token(one.database, token);
    carry_tenants(one, other);
    REQUIRE(store::find_token(other.database, token.id));
    store::delete_project(one.database, second.id);
    carry_tenants(one, other);
    CHECK_FALSE(store::find_project(other.database, second.id));
    CHECK_FALSE(store::find_token(other.database, token.id));
    CHECK(store::find_project(other.database, made.project.id));
}

TEST_CASE("what is gone for good does not come back with a later change of a node that had not heard of it",
          "[upstream]") {
    node one;
    node other;
    tests::tenant made{"Example", "default"};
    one.add(made);
    carry_tenants(one, other);
    one.settle_all(shared_kind::token);
    other.settle_all(shared_kind::token);
    made.token.revoked_at = noon;
    store::update_token(one.database, made.token);
    made.token.revoked_at = std::nullopt;
    made.token.name = "later";
    store::update_token(other.database, made.token);
    const auto later = as_read_there(other, table_of(shared_kind::token), other.waiting(shared_kind::token));
    CHECK(carry(one, other, shared_kind::token).conflicts == 1);
    CHECK(take(one.database, table_of(shared_kind::token), later, 1).changed.empty());
    for (auto* const each : {&one, &other}) {
        CHECK(store::find_token(each->database, made.token.id)->revoked_at == noon);
    }
    CHECK(other.waiting(shared_kind::token).empty());
    CHECK(one.waiting(shared_kind::token).size() == 1);
}

TEST_CASE("an organisation that comes before its default project has it when that comes", "[upstream]") {
    node one;
    node other;
    const tests::tenant made{"Example", "default"};
    one.add(made);
    const auto& table = table_of(shared_kind::organisation);
    const auto early = as_read_there(one, table, one.waiting(shared_kind::organisation));
    take(other.database, table, early, 5);
    complete_organisations(other.database, table, early);
    REQUIRE(store::find_organisation(other.database, made.organisation.id));
    CHECK(last_seen(other.database, table) == 0);
    carry(one, other, shared_kind::organisation);
    carry(one, other, shared_kind::project);
    CHECK(store::find_organisation(other.database, made.organisation.id)->default_project == made.project.id);
    CHECK(last_seen(other.database, table) == 1);
}

TEST_CASE("two nodes that have the same, each by its own record, have no conflict", "[upstream]") {
    node one;
    node other;
    const tests::tenant made{"Example", "default"};
    one.add(made);
    other.add(made);
    CHECK(carry(one, other, shared_kind::token).conflicts == 0);
    CHECK(other.audit(made.organisation.id).empty());
}

TEST_CASE("two projects that took one slug at a time have two on every node, the same", "[upstream]") {
    node one;
    node other;
    const tests::tenant made{"Example", "default"};
    one.add(made);
    carry_tenants(one, other);
    one.settle_all(shared_kind::project);
    auto older = made.project;
    older.id.bytes.fill(2);
    older.slug = "both";
    auto younger = older;
    younger.id.bytes.fill(1);
    younger.created_at += std::chrono::seconds{1};
    store::insert_project(one.database, older);
    store::insert_project(other.database, younger);
    const auto from_other =
        as_read_there(other, table_of(shared_kind::project), other.waiting(shared_kind::project));
    const auto taken = carry(one, other, shared_kind::project);
    const auto younger_id = std::ranges::find(taken.changed, younger.id.bytes, &shared_id::bytes);
    CHECK(younger_id != taken.changed.end());  // the directory has to look at it, too
    take(one.database, table_of(shared_kind::project), from_other, 1);
    for (auto* const each : {&one, &other}) {
        CHECK(store::find_project(each->database, older.id)->slug == "both");
        CHECK(store::find_project(each->database, younger.id)->slug == "both-01010101");
    }
}

TEST_CASE("sessions and usage wait only where there is somewhere to go", "[upstream]") {
    node one;
    const auto id = session_id::random();
    store::write_session_event(one.database, tests::start_of_a_session(id), {});
    CHECK(one.waiting(shared_kind::session).empty());
    begin_noting(one.database);
    CHECK(one.waiting(shared_kind::session).size() == 1);
    end_noting(one.database);
    CHECK(one.waiting(shared_kind::session).empty());
}

TEST_CASE("the figures of a session that goes on wait a minute, its beginning and its end do not",
          "[upstream]") {
    node one;
    begin_noting(one.database);
    const auto id = session_id::random();
    store::write_session_event(one.database, tests::start_of_a_session(id), {});
    CHECK(one.waiting(shared_kind::session).size() == 1);
    one.settle_all(shared_kind::session);
    store::write_session_event(
        one.database,
        contract::session_progress{.id = id, .traffic = traffic(100), .sequence = 1, .at = noon}, {});
    CHECK(one.waiting(shared_kind::session).empty());
    CHECK(one.waiting(shared_kind::usage).empty());
    CHECK(count_waiting(one.database) == 2);
    store::write_session_event(one.database,
                               contract::session_ended{.id = id,
                                                       .traffic = traffic(150),
                                                       .sequence = 2,
                                                       .reason = contract::end_reason::client_released,
                                                       .at = noon},
                               {});
    CHECK(one.waiting(shared_kind::session).size() == 1);
    CHECK(one.waiting(shared_kind::usage).size() == 1);
}

TEST_CASE("a session of another node is in the history and counts in nothing that is this node's",
          "[upstream]") {
    node one;
    node other;
    begin_noting(one.database);
    begin_noting(other.database);
    const auto id = session_id::random();
    const auto started = tests::start_of_a_session(id);
    store::write_session_event(one.database, started, {});
    store::write_session_event(one.database,
                               contract::session_ended{.id = id,
                                                       .traffic = traffic(150),
                                                       .sequence = 1,
                                                       .reason = contract::end_reason::client_released,
                                                       .at = noon},
                               {});
    for (int times = 0; times < 2; ++times) {
        carry(one, other, shared_kind::session);
        carry(one, other, shared_kind::usage);
    }
    const auto project = started.claims->project;
    const auto there = store::find_session(other.database, project, id);
    REQUIRE(there);
    CHECK(there->traffic.uplink_bytes == 150);
    CHECK(there->ended_at == noon);
    const store::usage_query query{
        .project = project, .from = noon, .to = noon + std::chrono::hours{1}, .limit = 9};
    const auto usage = store::read_usage(other.database, query);
    REQUIRE(usage.size() == 1);
    CHECK(usage.front().sessions == 1);
    CHECK(usage.front().traffic.uplink_bytes == 150);
    SECTION("and not in sums where the other node is asked for its part") {
        set_others_answer(other.database, true);
        CHECK(store::read_usage(other.database, query).empty());
        CHECK(store::read_room_totals(other.database, project, "room-7").known == 0);
        CHECK(store::read_room_totals(one.database, project, "room-7").known == 1);
        CHECK(store::find_session(other.database, project, id));
        CHECK(store::has_session_here(one.database, project, id));
        CHECK_FALSE(store::has_session_here(other.database, project, id));
    }
    CHECK(store::read_bytes_since(other.database, project, noon) == 0);
    CHECK(store::read_bytes_since(one.database, project, noon) == 150);
    CHECK(count_waiting(other.database) == 0);
}

TEST_CASE("a live session of another node is not ended when this one starts", "[upstream]") {
    node one;
    node other;
    begin_noting(one.database);
    const auto id = session_id::random();
    const auto started = tests::start_of_a_session(id);
    store::write_session_event(one.database, started, {});
    carry(one, other, shared_kind::session);
    CHECK(store::read_interrupted_sessions(other.database).empty());
    store::end_live_sessions(other.database);
    const auto there = store::find_session(other.database, started.claims->project, id);
    REQUIRE(there);
    CHECK_FALSE(there->ended_at);
    SECTION("and is not told of where its node can be asked") {
        set_others_answer(other.database, true);
        CHECK_FALSE(store::find_session(other.database, started.claims->project, id));
    }
}

TEST_CASE("another database, or an older state of it, gets everything again", "[upstream]") {
    node one;
    one.add({"Example", "default"});
    CHECK_FALSE(begin_with(one.database, "a", 0));
    take(one.database, table_of(shared_kind::token), {}, 7);
    for (const auto kind : {shared_kind::organisation, shared_kind::project, shared_kind::token})
        one.settle_all(kind);
    CHECK_FALSE(begin_with(one.database, "a", 7));
    REQUIRE(count_waiting(one.database) == 0);
    const auto [id, last_change] = GENERATE(table<std::string, std::int64_t>({{"b", 7}, {"a", 6}}));
    CHECK(begin_with(one.database, id, last_change));
    CHECK(count_waiting(one.database) == 3);
    CHECK(last_seen(one.database, table_of(shared_kind::token)) == 0);
}
