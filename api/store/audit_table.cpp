#include "api/store/audit_table.hpp"

namespace turnix::store {

void insert_audit_entry(sqlite_database& into, const audit_entry& entry) {
    into.run(
        "insert into audit (id, at_ms, organisation_id, project_id, token_id, action, target, client,"
        " request_id, status) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do nothing",
        entry.id, entry.at, entry.organisation, entry.project, entry.token, entry.action, entry.target,
        entry.client, entry.request_id, entry.status);
}

std::vector<audit_entry> read_audit(sqlite_database& from, const audit_query& what) {
    std::vector<audit_entry> page;
    auto rows = from.query(
        "select number, id, at_ms, organisation_id, project_id, token_id, action, target, client, request_id,"
        " status from audit where organisation_id = ?1 and (?2 is null or project_id = ?2)"
        " and (?3 is null or (at_ms, id) < (?3, ?4)) order by at_ms desc, id desc limit ?5",
        what.organisation, what.project, what.before_at, what.before_id, what.limit);
    while (rows.next())
        page.push_back({.number = rows.get<std::int64_t>(0),
                        .id = rows.get<audit_id>(1),
                        .at = rows.get<wall_time>(2),
                        .organisation = rows.get<organisation_id>(3),
                        .project = rows.get<std::optional<project_id>>(4),
                        .token = rows.get<std::optional<token_id>>(5),
                        .action = rows.get<std::string>(6),
                        .target = rows.get<std::string>(7),
                        .client = rows.get<std::optional<std::string>>(8),
                        .request_id = rows.get<std::string>(9),
                        .status = rows.get<std::int64_t>(10)});
    return page;
}

}  // namespace turnix::store
