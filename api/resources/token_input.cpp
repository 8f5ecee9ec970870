#include "api/resources/token_input.hpp"

#include "api/resources/displayed_name.hpp"
#include "api/resources/fields.hpp"

#include <array>
#include <utility>
#include <vector>

namespace turnix::api {

namespace {

using http::error;

constexpr std::chrono::seconds overlap_default{3'600};
constexpr std::chrono::seconds overlap_max{std::chrono::days{30}};
constexpr std::array<std::string_view, 2> reaches{"project", "organisation"};

void read_name(field_reader& fields, std::string& into) { fields.text("name", displayed_name, into); }

void read_scopes(field_reader& fields, model::scope_set& into) {
    std::vector<std::string> names;
    fields.texts("scopes", names);
    if (!names.empty()) into = {};
    for (const auto& name : names) {
        const auto scope = model::scope_from(name);
        if (!scope) return fields.fail("scopes", "has an unknown scope");
        into.add(*scope);
    }
}

void read_expiry(field_reader& fields, std::optional<wall_time>& into, wall_time now) {
    fields.time("expires_at", into);
    if (fields.has("expires_at") && into && *into <= now) fields.fail("expires_at", "lies in the past");
}

}  // namespace

result<token_input, error> read_token_input(const http::request& from, wall_time now) {
    const auto body = read_strict_body(from);
    if (body.has_error()) return body.error();
    field_reader fields{*body};
    token_input input;
    fields.require("name");
    fields.require("scopes");
    read_name(fields, input.name);
    read_scopes(fields, input.scopes);
    std::optional<std::size_t> reach;
    fields.choice("reach", reaches, reach);
    if (fields.has("reach") && !reach) fields.fail("reach", "must be project or organisation");
    input.organisation_wide = reach == 1;
    read_expiry(fields, input.expires_at, now);
    if (auto fault = fields.finish()) return std::move(*fault);
    return input;
}

result<auth::token_change, error> read_token_change(const http::request& from, wall_time now) {
    const auto body = read_strict_body(from);
    if (body.has_error()) return body.error();
    field_reader fields{*body};
    auth::token_change change;
    read_name(fields, change.name.emplace());
    read_scopes(fields, change.scopes.emplace());
    read_expiry(fields, change.expires_at.emplace(), now);
    if (!fields.has("name")) change.name.reset();
    if (!fields.has("scopes")) change.scopes.reset();
    if (!fields.has("expires_at")) change.expires_at.reset();
    if (auto fault = fields.finish()) return std::move(*fault);
    return change;
}

result<std::chrono::seconds, error> read_rotation(const http::request& from) {
    const auto body = read_strict_body(from);
    if (body.has_error()) return body.error();
    field_reader fields{*body};
    std::optional<std::chrono::seconds> overlap;
    fields.number("overlap_seconds", {.least = 0, .most = overlap_max.count()}, overlap);
    if (auto fault = fields.finish()) return std::move(*fault);
    return overlap.value_or(overlap_default);
}

}  // namespace turnix::api
