#include "api/resources/webhooks.hpp"

#include "api/resources/fields.hpp"
#include "api/resources/json_text.hpp"
#include "api/resources/page.hpp"
#include "api/store/webhook_table.hpp"
#include "api/webhooks/retry.hpp"
#include "api/webhooks/signature.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace turnix::api {

namespace {

namespace json = boost::json;
using http::error;
using http::error_code;
using http::method;

constexpr std::array<std::string_view, 3> states{"pending", "delivered", "dead"};

json::object to_json(const model::webhook& from) {
    return {{"id", from.id.to_string()},
            {"url", from.url},
            {"events", json::array(from.events.begin(), from.events.end())},
            {"enabled", from.enabled},
            {"created_at", to_iso_time(from.created_at)}};
}

json::object to_json(const model::delivery& from) {
    return {{"id", from.id.to_string()},
            {"event_id", from.event.to_string()},
            {"event", from.event_name},
            {"state", from.state()},
            {"created_at", to_iso_time(from.created_at)},
            {"attempts", from.attempts},
            {"next_attempt_at", time_or_null(from.due_at)},
            {"delivered_at", time_or_null(from.delivered_at)},
            {"last_status", number_or_null(from.last_status)},
            {"last_error", text_or_null(from.last_fault.value_or(""))}};
}

error not_found(std::string message) {
    return {.code = error_code::not_found, .message = std::move(message)};
}

}  // namespace

std::vector<endpoint> webhooks::endpoints() {
    constexpr auto scope = model::scope::webhooks_admin;
    constexpr auto one = "/api/v1/webhooks/{id}";
    return {
        {{method::get, "/api/v1/webhooks"}, scope, work::in_memory, handler_of(*this, &webhooks::list)},
        {{method::post, "/api/v1/webhooks"},
         scope,
         work::changes_store,
         handler_of(*this, &webhooks::create)},
        {{method::get, one}, scope, work::in_memory, handler_of(*this, &webhooks::read)},
        {{method::patch, one}, scope, work::changes_store, handler_of(*this, &webhooks::change)},
        {{method::delete_, one}, scope, work::changes_store, handler_of(*this, &webhooks::remove)},
        {{method::get, "/api/v1/webhooks/{id}/deliveries"},
         scope,
         work::reads_store,
         handler_of(*this, &webhooks::deliveries)},
        {{method::post, "/api/v1/webhooks/{id}/deliveries/{delivery}/replay"},
         scope,
         work::changes_store,
         handler_of(*this, &webhooks::replay)},
    };
}

outcome webhooks::list(const call& asked) const {
    const auto page = read_page_request(asked.request);
    if (page.has_error()) return page.error();
    return page_of(
        directory_.list(asked.caller.project->id), *page,
        [](const model::webhook& each) { return place::of(each.created_at, each.id); },
        [](const model::webhook& each) { return to_json(each); });
}

outcome webhooks::read(const call& asked) const {
    const auto hook = named_webhook(asked);
    if (hook.has_error()) return hook.error();
    return object_response(200, to_json(*hook));
}

outcome webhooks::create(const call& asked) {
    model::webhook made{.id = webhook_id::random(),
                        .project = asked.caller.project->id,
                        .url = {},
                        .events = {},
                        .secret = turnix::webhooks::make_secret(),
                        .enabled = true,
                        .created_at = asked.now()};
    if (auto fault = read_fields(asked, made, true)) return std::move(*fault);
    if (directory_.list(made.project).size() >= webhooks_max) {
        return error{.code = error_code::conflict, .message = "The project has as many webhooks as it may."};
    }
    directory_.add(made);
    auto body = to_json(made);
    body["secret"] = made.secret;
    return created_response(body, "/api/v1/webhooks/" + made.id.to_string());
}

outcome webhooks::change(const call& asked) {
    auto hook = named_webhook(asked);
    if (hook.has_error()) return hook.error();
    if (auto fault = read_fields(asked, *hook, false)) return std::move(*fault);
    directory_.change(*hook);
    return object_response(200, to_json(*hook));
}

outcome webhooks::remove(const call& asked) {
    const auto hook = named_webhook(asked);
    if (hook.has_error()) return hook.error();
    directory_.remove(hook->id);
    return http::response{.status = 204};
}

outcome webhooks::deliveries(const call& asked) {
    const auto page = read_page_request(asked.request, {"state"});
    if (page.has_error()) return page.error();
    const auto* const state = find_parameter(asked.request, "state");
    if (state != nullptr && std::ranges::find(states, *state) == states.end()) {
        return invalid_field("state", "state must be pending, delivered or dead.");
    }
    const auto hook = named_webhook(asked);
    if (hook.has_error()) return hook.error();
    store::delivery_query what{
        .webhook = hook->id, .state = {}, .before = {}, .before_id = {}, .limit = page->limit + 1};
    if (state != nullptr) what.state = *state;
    if (const auto& after = page->after) {
        what.before = after->at;
        what.before_id = delivery_id{after->id};
    }
    std::vector<model::delivery> found;
    records_.run([&](auto& database) { found = store::read_deliveries(database, what); });
    return page_read(
        std::move(found), *page,
        [](const model::delivery& each) { return place::of(each.created_at, each.id); },
        [](const model::delivery& each) { return to_json(each); });
}

outcome webhooks::replay(const call& asked) {
    const auto hook = named_webhook(asked);
    if (hook.has_error()) return hook.error();
    const auto id = delivery_id::parse(asked.with.path_parameter("delivery"));
    if (!id) return not_found("There is no such delivery.");
    std::optional<model::delivery> found;
    bool is_pending{false};
    records_.run([&](auto& database) {
        found = store::find_delivery(database, hook->id, *id);
        is_pending = found && found->due_at;
        if (!found || is_pending) return;
        found = turnix::webhooks::replayed(*found, asked.now());
        store::update_delivery(database, *found);
    });
    if (!found) return not_found("There is no such delivery.");
    if (is_pending) {
        return error{.code = error_code::conflict, .message = "The delivery is still being tried."};
    }
    return object_response(200, to_json(*found));
}

result<model::webhook, error> webhooks::named_webhook(const call& asked) const {
    const auto id = webhook_id::parse(asked.with.path_parameter("id"));
    auto found = id ? directory_.find(asked.caller.project->id, *id) : std::nullopt;
    if (!found) return not_found("There is no such webhook.");
    return std::move(*found);
}

std::optional<error> webhooks::read_fields(const call& asked, model::webhook& into, bool is_new) const {
    const auto body = read_strict_body(asked.request);
    if (body.has_error()) return body.error();
    field_reader fields{*body};
    if (is_new) {
        fields.require("url");
        fields.require("events");
    }
    fields.text("url",
                {[this](std::string_view url) { return policy_.read(url).has_value(); },
                 "must be an https URL without user and password, and no private address"},
                into.url);
    fields.texts("events", into.events);
    for (const auto& each : into.events) {
        if (!events::event_kind_from(each)) fields.fail("events", "has an unknown event");
    }
    std::ranges::sort(into.events);
    const auto doubles = std::ranges::unique(into.events);
    into.events.erase(doubles.begin(), doubles.end());
    fields.boolean("enabled", into.enabled);
    return fields.finish();
}

}  // namespace turnix::api
