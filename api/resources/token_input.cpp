#include "api/resources/token_input.hpp"

#include "api/http/body.hpp"
#include "api/resources/iso_time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace turnix::api {

namespace {

using http::error;
using http::error_code;

constexpr std::size_t name_bytes_max = 100;
constexpr std::size_t page_limit_max = 100;

error invalid(std::string_view field, std::string message) {
    return {.code = error_code::field_invalid, .message = std::move(message), .param = std::string{field}};
}

const std::string* as_text(const http::body_value& value) noexcept {
    return std::get_if<std::string>(&value.value);
}

std::optional<error> read_name(const http::body_value& from, token_input& into) {
    const auto* const text = as_text(from);
    const bool fits = text != nullptr && !text->empty() && text->size() <= name_bytes_max &&
                      std::ranges::none_of(*text, [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; });
    if (!fits) return invalid("name", "name must be a text of 1 to 100 bytes without control characters.");
    into.name = *text;
    return std::nullopt;
}

std::optional<error> read_scopes(const http::body_value& from, token_input& into) {
    const auto* const names = std::get_if<http::body_value::array>(&from.value);
    if (names == nullptr || names->empty()) return invalid("scopes", "scopes must be a list of scopes.");
    for (const auto& each : *names) {
        const auto* const text = as_text(each);
        const auto scope = text == nullptr ? std::nullopt : model::scope_from(*text);
        if (!scope) return invalid("scopes", "One of the scopes is unknown.");
        into.scopes.add(*scope);
    }
    return std::nullopt;
}

std::optional<error> read_reach(const http::body_value& from, token_input& into) {
    const auto* const text = as_text(from);
    if (text == nullptr || (*text != "project" && *text != "organisation")) {
        return invalid("reach", "reach must be project or organisation.");
    }
    into.organisation_wide = *text == "organisation";
    return std::nullopt;
}

std::optional<error> read_expiry(const http::body_value& from, token_input& into) {
    if (std::holds_alternative<std::nullptr_t>(from.value)) return std::nullopt;
    const auto* const text = as_text(from);
    into.expires_at = text == nullptr ? std::nullopt : parse_iso_time(*text);
    if (into.expires_at) return std::nullopt;
    return invalid("expires_at", "expires_at must be a time like 2026-01-06T15:14:22Z.");
}

struct field_rule {
    std::string_view name;
    std::optional<error> (*read)(const http::body_value&, token_input&);
};

constexpr std::array<field_rule, 4> rules{{
    {"name", read_name},
    {"scopes", read_scopes},
    {"reach", read_reach},
    {"expires_at", read_expiry},
}};

std::optional<error> read_field(const http::body_member& member, token_input& into) {
    const auto* const rule = std::ranges::find(rules, member.name, &field_rule::name);
    if (rule == rules.end()) return invalid(member.name, "This field is unknown.");
    return rule->read(member.value, into);
}

std::optional<error> read_limit(std::string_view value, page_request& into) {
    const auto* const end = value.data() + value.size();
    const auto [rest, failure] = std::from_chars(value.data(), end, into.limit);
    const bool is_number = failure == std::errc{} && rest == end;
    if (is_number && into.limit >= 1 && into.limit <= page_limit_max) return std::nullopt;
    return invalid("limit", fmt::format("limit must be from 1 to {}.", page_limit_max));
}

std::optional<error> read_page_parameter(const http::named_value& parameter, page_request& into) {
    if (parameter.name == "limit") return read_limit(parameter.value, into);
    if (parameter.name != "cursor") return invalid(parameter.name, "This parameter is unknown.");
    into.after = token_id::parse(parameter.value);
    if (into.after) return std::nullopt;
    return invalid("cursor", "cursor must be the next_cursor of an earlier answer.");
}

}  // namespace

result<token_input, error> read_token_input(const http::request& from, wall_time now) {
    const auto fields = http::read_body(from);
    if (fields.has_error()) return fields.error();
    token_input input;
    for (const auto& member : *fields) {
        if (http::find_last(*fields, member.name) != &member.value) {
            return invalid(member.name, "This field stands twice.");
        }
        if (auto fault = read_field(member, input)) return std::move(*fault);
    }
    if (input.name.empty()) return invalid("name", "name is required.");
    if (input.scopes == model::scope_set{}) return invalid("scopes", "scopes is required.");
    if (input.expires_at && *input.expires_at <= now) {
        return invalid("expires_at", "expires_at lies in the past.");
    }
    return input;
}

result<page_request, error> read_page_request(const http::request& from) {
    page_request page;
    for (const auto& parameter : from.query) {
        if (auto fault = read_page_parameter(parameter, page)) return std::move(*fault);
    }
    return page;
}

}  // namespace turnix::api
