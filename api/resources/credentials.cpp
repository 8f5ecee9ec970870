#include "api/resources/credentials.hpp"

#include "api/fleet/override_fact.hpp"
#include "api/resources/credential_fields.hpp"
#include "api/resources/json_text.hpp"
#include "api/resources/merged_answers.hpp"
#include "api/resources/new_override.hpp"
#include "api/store/credential_table.hpp"
#include "common/credential/names.hpp"

#include <array>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace turnix::api {

namespace {

namespace json = boost::json;
using contract::credential_override;
using contract::live_sessions_rule;
using contract::override_kind;
using contract::override_scope;
using http::error;
using http::error_code;
using http::method;
using std::chrono::seconds;

error no_such_credential() {
    return {.code = error_code::not_found, .message = "There is no such credential."};
}

result<live_sessions_rule, error> read_rule(const http::request& from) {
    const auto* const sessions = find_parameter(from, "sessions");
    if (sessions == nullptr || *sessions == "terminate") return live_sessions_rule::terminate;
    if (*sessions == "drain") return live_sessions_rule::drain;
    return invalid_field("sessions", "sessions must be terminate or drain.");
}

/// The one of room, client and token that the query names.
result<contract::override_target, error> read_target(const http::request& from, const project_id& project) {
    constexpr std::array scopes{std::pair{std::string_view{"room"}, override_scope::room},
                                std::pair{std::string_view{"client"}, override_scope::client},
                                std::pair{std::string_view{"token"}, override_scope::token}};
    std::optional<contract::override_target> found;
    for (const auto& [name, scope] : scopes) {
        const auto* const value = find_parameter(from, name);
        if (value == nullptr) continue;
        if (found) return invalid_field(name, "Name one of room, client and token.");
        found = contract::override_target{.project = project, .scope = scope};
        if (scope == override_scope::token) {
            const auto id = token_id::parse(*value);
            if (!id) return invalid_field(name, "token must be a token's id.");
            found->id = id->bytes;
        } else if (credential::is_name(*value)) {
            found->name = *value;
        } else {
            return invalid_field(name, "A name has 1 to 100 characters out of A-Z a-z 0-9 - _.");
        }
    }
    if (!found) return invalid_field("room", "Name a room, a client or a token.");
    return *found;
}

json::object revoked_json(live_sessions_rule live, wall_time at) {
    return {{"revoked_at", to_iso_time(at)},
            {"sessions", live == live_sessions_rule::drain ? "drain" : "terminate"}};
}

/// The answer, and which credentials it is about.
json::object announcement(const call& asked, const contract::override_target& of, json::object answer) {
    const auto name_where = [&of](override_scope scope) {
        return text_or_null(of.scope == scope ? of.name : std::string{});
    };
    answer["credential_id"] = of.scope == override_scope::credential
                                  ? json::value(asked.with.path_parameter("id"))
                                  : json::value(nullptr);
    answer["room"] = name_where(override_scope::room);
    answer["client"] = name_where(override_scope::client);
    answer["token"] = text_or_null(of.scope == override_scope::token ? token_id{of.id}.to_string() : "");
    return answer;
}

}  // namespace

std::vector<endpoint> credentials::endpoints() {
    constexpr auto all = "/api/v1/credentials";
    constexpr auto one = "/api/v1/credentials/{id}";
    using model::scope;
    const list_rule<place> newest_first{.key_of = [this](const json::object& item) { return place_of(item); },
                                        .cursor_of = &place::to_string};
    const auto is_ours = [this](const call& asked) { return named(asked).has_value(); };
    return {
        {{method::get, all},
         scope::sessions_read,
         work::reads_store,
         [this](const call& asked) { return list(asked); },
         merged_list<place, std::greater<>>(newest_first)},
        {{method::delete_, all},
         scope::ice_revoke,
         work::changes_store,
         handler_of(*this, &credentials::revoke_all_of)},
        {{method::get, one},
         scope::sessions_read,
         work::reads_store,
         [this](const call& asked) { return read(asked); },
         found_anywhere(is_ours)},
        {{method::patch, one},
         scope::ice_issue,
         work::changes_store,
         handler_of(*this, &credentials::change)},
        {{method::delete_, one},
         scope::ice_revoke,
         work::changes_store,
         [this](const call& asked) { return revoke(asked); }},
    };
}

outcome credentials::list(const call& asked) {
    const auto page = read_page_request(asked.request, {"room", "client", "active"});
    if (page.has_error()) return page.error();
    const auto* const active = find_parameter(asked.request, "active");
    if (active != nullptr && *active != "true" && *active != "false") {
        return invalid_field("active", "active must be true or false.");
    }
    store::credential_query query{.project = asked.caller.project->id, .limit = page->limit + 1};
    if (const auto* const room = find_parameter(asked.request, "room")) query.room = *room;
    if (const auto* const client = find_parameter(asked.request, "client")) query.client = *client;
    if (active != nullptr) query.is_active = *active == "true";
    query.now = asked.now();
    if (const auto& after = page->after) {
        query.before_issued_at = after->at;
        query.before_id = credential_id{after->id};
    }
    std::vector<credential::claims> found;
    parts_.records.run([&](auto& database) { found = store::read_credentials(database, query); });
    return page_read(
        std::move(found), *page,
        [](const credential::claims& each) { return place::of(each.issued_at, each.id); },
        [&, this](const credential::claims& each) { return to_json(each, asked.now()); });
}

outcome credentials::read(const call& asked) {
    const auto reference = named(asked);
    if (reference.has_error()) return reference.error();
    std::optional<credential::claims> found;
    parts_.records.run(
        [&](auto& database) { found = store::find_credential(database, reference->project, reference->id); });
    if (!found) return no_such_credential();
    return object_response(200, to_json(*found, asked.now()));
}

outcome credentials::change(const call& asked) {
    const auto reference = named(asked);
    if (reference.has_error()) return reference.error();
    const auto body = read_strict_body(asked.request);
    if (body.has_error()) return body.error();
    const auto& project = *asked.caller.project;
    const auto current = parts_.overrides.current();
    const contract::override_target target{
        .project = project.id, .scope = override_scope::credential, .id = reference->id.bytes};
    const auto* const capped = current->find(target, override_kind::cap);

    field_reader fields{*body};
    std::optional<seconds> ttl;
    auto limits = capped == nullptr ? contract::limits_change{} : capped->limits;
    fields.number("ttl", {.least = 1, .most = rules_.get().ttl_max_of(project).count()}, ttl);
    fields.object("limits", [&](field_reader& inner) { read_limits(inner, limits); });
    const bool caps = fields.has("limits");
    if (!ttl && !caps) fields.fail("ttl", "or limits is needed");
    if (auto fault = fields.finish()) return std::move(*fault);
    if (current->find(target, override_kind::revoke) != nullptr) {
        return error{.code = error_code::conflict, .message = "The credential is revoked."};
    }

    auto made = override_of(asked, target);
    json::object answer{{"credential_id", asked.with.path_parameter("id")}};
    std::vector<credential_override> changes;
    if (ttl) {
        made.kind = override_kind::extend;
        made.expires_at = std::chrono::ceil<seconds>(asked.now() + *ttl);
        made.sessions_end_at = made.expires_at + rules_.get().session_max_of(project);
        answer["expires_at"] = to_iso_time(made.expires_at);
        changes.push_back(made);
    }
    if (caps) {
        made.kind = override_kind::cap;
        made.limits = limits;
        answer["limits"] = api::to_json(limits);
        changes.push_back(made);
    }
    for (auto& each : changes) {
        const auto added = parts_.overrides.add(each, asked.now());
        if (!added) return no_room_for_overrides();
        each = *added;
        parts_.records.record([each](auto& database) { store::amend_credential(database, each); });
    }
    return told(changes, std::move(answer));
}

outcome credentials::revoke(const call& asked) {
    constexpr std::array<std::string_view, 1> known{"sessions"};
    if (auto fault = refuse_parameters(asked.request, known)) return std::move(*fault);
    const auto reference = named(asked);
    if (reference.has_error()) return reference.error();
    const auto live = read_rule(asked.request);
    if (live.has_error()) return live.error();
    return revoke(
        asked,
        {.project = reference->project, .scope = override_scope::credential, .id = reference->id.bytes},
        *live);
}

outcome credentials::revoke_all_of(const call& asked) {
    constexpr std::array<std::string_view, 4> known{"room", "client", "token", "sessions"};
    if (auto fault = refuse_parameters(asked.request, known)) return std::move(*fault);
    const auto target = read_target(asked.request, asked.caller.project->id);
    if (target.has_error()) return target.error();
    const auto live = read_rule(asked.request);
    if (live.has_error()) return live.error();
    return revoke(asked, *target, *live);
}

outcome credentials::revoke(const call& asked, const contract::override_target& target,
                            live_sessions_rule live) {
    auto made = override_of(asked, target);
    made.sessions = live;
    const auto added = parts_.overrides.add(made, asked.now());
    if (!added) return no_room_for_overrides();
    const auto answer = revoked_json(live, asked.now());
    parts_.bus.publish({.id = event_id::random(),
                        .kind = events::event_kind::credential_revoked,
                        .project = target.project,
                        .at = asked.now(),
                        .data = json::serialize(announcement(asked, target, answer))});
    return told({*added}, answer);
}

http::response credentials::told(const std::vector<credential_override>& made, json::object answer) const {
    std::vector<gossip::fact> facts;
    facts.reserve(made.size());
    for (const auto& each : made) facts.push_back(fleet::fact_of(each));
    const auto array_of = [](const std::vector<std::string>& slugs) {
        return json::array(slugs.begin(), slugs.end());
    };
    return {.later = [this, facts = std::move(facts), answer = std::move(answer),
                      array_of](const http::responder& to) {
        parts_.exchange.tell(facts, [to, answer, array_of](const fleet::reached_regions& reached) {
            auto whole = answer;
            whole["regions"] = json::object{{"confirmed", array_of(reached.confirmed)},
                                            {"pending", array_of(reached.pending)}};
            to(object_response(200, whole));
        });
    }};
}

result<credential::credential_reference, error> credentials::named(const call& asked) const {
    const auto reference =
        credential::credential_reference::open(asked.with.path_parameter("id"), *parts_.keys.get());
    if (!reference || reference->project != asked.caller.project->id) return no_such_credential();
    return *reference;
}

credential_override credentials::override_of(const call& asked,
                                             const contract::override_target& target) const {
    // Of rooms, clients and credentials there are many: they are not kept for longer than the project allows.
    const auto lifetime_max = target.scope == override_scope::token
                                  ? rules_.lifetime_max()
                                  : rules_.lifetime_max_of(*asked.caller.project);
    return new_override(target, asked.now(), lifetime_max);
}

json::object credentials::to_json(const credential::claims& of, wall_time now) const {
    const auto standing = parts_.overrides.current()->standing_of(of);
    const auto keys = parts_.keys.get();
    const auto* const key = keys->current(now);
    const credential::credential_reference reference{.id = of.id, .project = of.project};
    const auto* const state = standing.is_revoked ? "revoked" : of.expires_at > now ? "active" : "expired";
    return {{"credential_id", key == nullptr ? json::value(nullptr) : json::value(reference.seal(*key))},
            {"state", state},
            {"token", of.token == token_id{} ? json::value(nullptr) : json::value(of.token.to_string())},
            {"room", text_or_null(of.room)},
            {"initiator_client", text_or_null(of.initiator_client)},
            {"receiver_client", text_or_null(of.receiver_client)},
            {"party", party_names.at(static_cast<std::size_t>(of.role))},
            {"region", text_or_null(of.region)},
            {"peer_scope", peer_scope_names.at(static_cast<std::size_t>(of.scope))},
            {"on_expiry", on_expiry_names.at(static_cast<std::size_t>(of.expiry))},
            {"transports", api::to_json(of.transports)},
            {"limits", api::to_json(of.limits)},
            {"allowed_client_ip",
             of.allowed_client ? json::value(of.allowed_client->to_string()) : json::value(nullptr)},
            {"issued_at", to_iso_time(of.issued_at)},
            {"expires_at", to_iso_time(of.expires_at)},
            {"sessions_end_at", to_iso_time(of.sessions_end_at)}};
}

place credentials::place_of(const json::object& item) const {
    const auto issued_at = parse_iso_time(item.at("issued_at").as_string());
    if (!issued_at) throw std::invalid_argument{"a credential without its time"};
    const auto& id = item.at("credential_id");
    if (id.is_null()) return place::of(*issued_at, credential_id{});  // no key is in date
    const auto reference = credential::credential_reference::open(id.as_string(), *parts_.keys.get());
    if (!reference) throw std::invalid_argument{"a credential of a key that is not here"};
    return place::of(*issued_at, reference->id);
}

}  // namespace turnix::api
