// Sessions and what they relayed, as the store remembers them. On the store's thread; everything throws
// store_error.
#pragma once

#include "api/store/sqlite_database.hpp"
#include "common/contract/session_event.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace turnix::store {

/// Names are empty where absent.
struct session_row {
    session_id id;
    credential_id credential;
    std::string room;
    std::string initiator_client;
    std::string receiver_client;
    std::string region;
    std::string transport;
    std::string client;
    std::string server;
    std::string relayed;
    wall_time started_at;
    wall_time updated_at;
    std::optional<wall_time> ended_at{};
    std::string end_reason;
    contract::traffic_counters traffic;
};

struct session_query {
    project_id project;
    std::optional<std::string> room{};
    std::optional<std::string> client{};  ///< whose session it is, or either end where that is not known
    std::optional<std::string> region{};
    bool ended_only{false};
    std::optional<wall_time> from{};  ///< of the start
    std::optional<wall_time> to{};
    std::optional<wall_time> before_started_at{};  ///< the place in the list, with the next
    std::optional<session_id> before_id{};
    std::size_t limit{0};
};
/// Newest first.
std::vector<session_row> read_sessions(sqlite_database& from, const session_query& what);
/// Not one that lives on another node, where that one is asked.
std::optional<session_row> find_session(sqlite_database& from, project_id project, session_id id);
/// Is it known here, as one whose samples nobody else is asked for?
bool has_session_here(sqlite_database& in, project_id project, session_id id);

/// A session that nobody serves any more: the process that did has died.
struct interrupted_session {
    project_id project;
    session_row session;  ///< ended at its last event, as "interrupted"
};
/// Of a node that has not started yet, those that end_interrupted_sessions will end.
std::vector<interrupted_session> read_interrupted_sessions(sqlite_database& from);

struct session_sample {
    std::int64_t sequence{0};
    wall_time at;
    contract::traffic_counters traffic;
};
/// In their order, those after `sequence`.
std::vector<session_sample> read_samples(sqlite_database& from, session_id of, std::int64_t sequence,
                                         std::size_t limit);

/// What ended sessions come to.
struct session_totals {
    std::int64_t known{0};  ///< sessions that have begun, those included that have not ended
    std::int64_t sessions{0};
    std::optional<wall_time> first_started_at;
    std::optional<wall_time> last_ended_at;
    contract::traffic_counters traffic;
};
session_totals read_room_totals(sqlite_database& from, project_id project, const std::string& room);
session_totals read_client_totals(sqlite_database& from, project_id project, const std::string& client);

/// Has its end been recorded?
bool has_ended(sqlite_database& in, project_id project, session_id id);

/// What a sum is of, in the order of sums; absent names are empty, an absent time is zero.
struct usage_key {
    std::int64_t begins_at_ms{0};
    std::string room;
    std::string client;
    std::string region;

    friend auto operator<=>(const usage_key&, const usage_key&) = default;
};

struct usage_query {
    project_id project;
    wall_time from;  ///< counted from its hour on
    wall_time to;
    bool by_room{false};
    bool by_client{false};
    bool by_region{false};
    bool by_hour{false};
    bool by_day{false};
    std::optional<usage_key> after{};
    std::size_t limit{0};
};
struct usage_row {
    std::optional<std::string> room;
    std::optional<std::string> client;
    std::optional<std::string> region;
    std::optional<wall_time> begins_at;  ///< the hour or the day
    std::int64_t sessions{0};
    contract::traffic_counters traffic;
};
std::vector<usage_row> read_usage(sqlite_database& from, const usage_query& what);
/// Relayed in both directions by the project on this node since then.
std::uint64_t read_bytes_since(sqlite_database& from, project_id project, wall_time since);

/// Ended sessions of before, with all that is kept of them.
void delete_sessions_before(sqlite_database& from, project_id project, wall_time ended);
void delete_samples_before(sqlite_database& from, wall_time at);

}  // namespace turnix::store
