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
        "select id, at_ms, organisation_id, project_id, token_id, action, target, client, request_id,"
        " status from audit where organisation_id = ?1 and (?2 is null or project_id = ?2)"
        " and (?3 is null or (at_ms, id) < (?3, ?4)) order by at_ms desc, id desc limit ?5",
        what.organisation, what.project, what.before_at, what.before_id, what.limit);
    while (rows.next())
        page.push_back({.id = rows.get<audit_id>(0),
                        .at = rows.get<wall_time>(1),
                        .organisation = rows.get<organisation_id>(2),
                        .project = rows.get<std::optional<project_id>>(3),
                        .token = rows.get<std::optional<token_id>>(4),
                        .action = rows.get<std::string>(5),
                        .target = rows.get<std::string>(6),
                        .client = rows.get<std::optional<std::string>>(7),
                        .request_id = rows.get<std::string>(8),
                        .status = rows.get<std::int64_t>(9)});
    return page;
}

}  // namespace turnix::store
