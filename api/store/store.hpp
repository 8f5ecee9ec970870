// What the node remembers: tenants, tokens, issued credentials and sessions, in one SQLite file.
//
// One connection, used by one thread of the store's own, which commits what is queued in groups. `record_`
// calls are queued and never block; the others wait for their commit and throw store_error when the database
// cannot be written or read. Any thread may call. The caller holds the data directory's lock: a second
// connection that writes can corrupt the file.
#pragma once

#include "api/model/tenants.hpp"
#include "api/model/token.hpp"
#include "api/store/store_error.hpp"
#include "common/contract/session_event.hpp"
#include "common/credential/claims.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace turnix::store {

class sqlite_database;
class writer;

class store {
  public:
    /// Opens the file, makes it (mode 0600) when there is none, brings it to the newest schema. Throws
    /// store_error with the file's name.
    explicit store(const std::filesystem::path& file);
    /// Commits what is queued.
    ~store();
    store(const store&) = delete;
    store& operator=(const store&) = delete;

    /// Where this node relays. Before sessions are recorded: they are that region's, whatever their
    /// credentials name.
    void use_region(std::string slug) { region_ = std::move(slug); }
    /// That a credential was issued. A full queue counts a loss.
    void record_issue(credential::claims issued);
    /// To within what the caller chooses to report.
    void record_token_use(token_id id, wall_time at);
    /// Takes the events and leaves `events` empty; false, with nothing taken, when the queue is full.
    /// Repeated and outdated events change nothing.
    bool record_session_events(std::vector<contract::session_event>& events);
    /// Ends the sessions that a process which died has left open, at the time of their last event.
    void end_interrupted_sessions();

    [[nodiscard]] std::vector<model::organisation> organisations();
    [[nodiscard]] std::vector<model::project> projects();
    [[nodiscard]] std::vector<model::token> tokens();

    /// All of it or nothing.
    void add_tenant(const model::organisation& organisation, const model::project& first_project,
                    const model::token& first_token);

    /// On the store's thread, with what the headers `*_table.hpp` offer.
    using work = std::function<void(sqlite_database&)>;
    /// Returns when `what` is committed; throws what it threw, or store_error. Never on the control thread.
    void run(work what);
    /// Queued, and tried again while the database fails: `what` must change nothing when it is done twice.
    /// False when the queue is full, which counts a loss.
    bool record(work what);

    /// Returns when everything recorded before is committed.
    void flush();
    /// Records that found the queue full, or that the database refused for good.
    [[nodiscard]] std::uint64_t records_lost() const noexcept;

  private:
    std::string region_;
    std::unique_ptr<writer> writer_;
};

}  // namespace turnix::store
