#include "api/store/store.hpp"

#include "api/store/credential_table.hpp"
#include "api/store/migration.hpp"
#include "api/store/project_table.hpp"
#include "api/store/session_table.hpp"
#include "api/store/token_table.hpp"
#include "api/store/writer.hpp"

#include <new>
#include <utility>

namespace turnix::store {

namespace {

sqlite_database open_and_migrate(const std::filesystem::path& file) {
    sqlite_database database{file};
    try {
        migrate(database, migrations());
    } catch (const store_error& error) {
        throw store_error{error.code(), file.string() + ": " + error.what()};
    }
    return database;
}

}  // namespace

store::store(const std::filesystem::path& file) : writer_{std::make_unique<writer>(open_and_migrate(file))} {}
store::~store() = default;

void store::run(work what) { writer_->run(std::move(what)); }

bool store::record(work what) {
    const bool queued = writer_->post(std::move(what));
    if (!queued) writer_->count_loss();
    return queued;
}

void store::record_issue(credential::claims issued) {
    record([issued = std::move(issued)](auto& database) { insert_credential(database, issued); });
}

void store::record_token_use(token_id id, wall_time at) {
    record([id, at](auto& database) { set_token_used(database, id, at); });
}

bool store::record_session_events(std::vector<contract::session_event>& events) {
    const auto shared = std::make_shared<std::vector<contract::session_event>>(std::move(events));
    events.clear();
    bool queued = false;
    try {
        queued = writer_->post([shared, region = region_](auto& database) {
            for (const auto& each : *shared) write_session_event(database, each, region);
        });
    } catch (const std::bad_alloc&) {
        // As with a full queue: they are the caller's to bring again.
    }
    if (!queued) events = std::move(*shared);
    return queued;
}

void store::end_interrupted_sessions() { writer_->run(end_live_sessions); }

std::vector<model::organisation> store::organisations() {
    std::vector<model::organisation> all;
    writer_->run([&all](auto& database) { all = read_organisations(database); });
    return all;
}

std::vector<model::project> store::projects() {
    std::vector<model::project> all;
    writer_->run([&all](auto& database) { all = read_projects(database); });
    return all;
}

std::vector<model::token> store::tokens() {
    std::vector<model::token> all;
    writer_->run([&all](auto& database) { all = read_tokens(database); });
    return all;
}

void store::add_tenant(const model::organisation& organisation, const model::project& first_project,
                       const model::token& first_token) {
    writer_->run([&](auto& database) {
        insert_organisation(database, organisation);
        insert_project(database, first_project);
        update_organisation(database, organisation);
        insert_token(database, first_token);
    });
}

void store::flush() {
    writer_->run([](auto&) {});
}

std::uint64_t store::records_lost() const noexcept { return writer_->losses(); }

}  // namespace turnix::store
