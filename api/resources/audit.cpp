#include "api/resources/audit.hpp"

#include "api/resources/json_text.hpp"
#include "api/resources/page.hpp"
#include "api/store/audit_table.hpp"

#include <string>

namespace turnix::api {

namespace {

namespace json = boost::json;

std::optional<std::int64_t> number_before(const page_request& page) {
    return page.after ? std::optional{page.after->number()} : std::nullopt;
}

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
    return page_read(
        std::move(found), *page,
        [](const store::audit_entry& each) { return place::numbered(each.number, each.id.bytes); },
        [this](const store::audit_entry& each) { return to_json(each, tenants_); });
}

}  // namespace turnix::api
