#include "api/resources/audit.hpp"

#include "api/resources/json_text.hpp"
#include "api/resources/merged_answers.hpp"
#include "api/resources/page.hpp"
#include "api/store/audit_table.hpp"

#include <functional>
#include <string>

namespace turnix::api {

namespace {

namespace json = boost::json;

std::string actor_of(const store::audit_entry& entry) {
    if (!entry.token) return "operator";
    return *entry.token == store::by_the_fleet ? "fleet" : entry.token->to_string();
}

json::object to_json(const store::audit_entry& from, const auth::tenant_directory& tenants) {
    const auto project = from.project ? tenants.find_project(*from.project) : nullptr;
    return {{"id", from.id.to_string()},
            {"at", to_iso_time(from.at)},
            {"actor", actor_of(from)},
            {"action", from.action},
            {"target", from.target},
            {"project", project ? json::value(project->slug) : json::value(nullptr)},
            {"client", from.client ? json::value(*from.client) : json::value(nullptr)},
            {"request_id", from.request_id},
            {"status", from.status}};
}

}  // namespace

std::vector<endpoint> audit::endpoints() {
    const list_rule<place> newest_first{
        .key_of = [](const json::object& item) { return place_of_item<audit_id>(item, "at"); },
        .cursor_of = &place::to_string};
    return {{{http::method::get, "/api/v1/audit"},
             model::scope::audit_read,
             work::reads_store,
             [this](const call& asked) { return list(asked); },
             merged_list<place, std::greater<>>(newest_first)}};
}

outcome audit::list(const call& asked) {
    const auto page = read_page_request(asked.request);
    if (page.has_error()) return page.error();
    store::audit_query query{.organisation = asked.caller.reach.organisation,
                             .project = asked.caller.reach.project,
                             .limit = page->limit + 1};
    if (const auto& after = page->after) {
        query.before_at = after->at;
        query.before_id = audit_id{after->id};
    }
    std::vector<store::audit_entry> found;
    records_.run([&](auto& database) { found = store::read_audit(database, query); });
    return page_read(
        std::move(found), *page, [](const store::audit_entry& each) { return place::of(each.at, each.id); },
        [this](const store::audit_entry& each) { return to_json(each, tenants_); });
}

}  // namespace turnix::api
