#include "api/resources/audit.hpp"

#include "api/resources/json_text.hpp"
#include "api/resources/page.hpp"
#include "api/store/audit_table.hpp"

namespace turnix::api {

namespace {

namespace json = boost::json;

/// The log's numbers are its cursors; a place carries one as its time.
std::optional<std::int64_t> number_before(const page_request& page) {
    return page.after ? std::optional{page.after->at.time_since_epoch().count()} : std::nullopt;
}

std::string cursor_of(const store::audit_entry& entry) {
    return place{.at = decltype(place::at){std::chrono::milliseconds{entry.number}}, .id = entry.id.bytes}
        .to_string();
}

}  // namespace

std::vector<endpoint> audit::endpoints() {
    return {{{http::method::get, "/api/v1/audit"},
             model::scope::audit_read,
             work::reads_store,
             handler_of(*this, &audit::list)}};
}

outcome audit::list(const call& asked) {
    const auto page = read_page_request(asked.request);
    if (page.has_error()) return page.error();
    std::vector<store::audit_entry> found;
    records_.run([&](auto& database) {
        found = store::read_audit(database, {.organisation = asked.caller.reach.organisation,
                                             .project = asked.caller.reach.project,
                                             .before = number_before(*page),
                                             .limit = page->limit + 1});
    });
    const bool has_more = found.size() > page->limit;
    if (has_more) found.pop_back();
    json::array items;
    for (const auto& each : found) {
        const auto project = each.project ? tenants_.find_project(*each.project) : nullptr;
        items.push_back(json::object{
            {"id", each.id.to_string()},
            {"at", to_iso_time(each.at)},
            {"actor", each.token ? json::value(each.token->to_string()) : json::value("operator")},
            {"action", each.action},
            {"target", each.target},
            {"project", project ? json::value(project->slug) : json::value(nullptr)},
            {"client", each.client ? json::value(*each.client) : json::value(nullptr)},
            {"request_id", each.request_id},
            {"status", each.status}});
    }
    return page_response(std::move(items),
                         has_more ? json::value(cursor_of(found.back())) : json::value(nullptr));
}

}  // namespace turnix::api
