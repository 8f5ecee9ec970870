#include "api/resources/fields.hpp"

#include "api/resources/iso_time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace turnix::api {

namespace {

using http::error;
using http::error_code;

bool is_null(const http::body_value& value) noexcept {
    return std::holds_alternative<std::nullptr_t>(value.value);
}

const std::string* as_text(const http::body_value& value) noexcept {
    return std::get_if<std::string>(&value.value);
}

}  // namespace

error invalid_field(std::string_view field, std::string message) {
    return {.code = error_code::field_invalid, .message = std::move(message), .param = std::string{field}};
}

error no_room_for_records() {
    return {.code = http::error_code::unavailable,
            .message = "There are as many projects and tokens as the nodes of a fleet can share."};
}

result<http::body_fields, error> read_strict_body(const http::request& from) {
    const auto* const type = from.headers.find("Content-Type");
    const bool is_form = type != nullptr && type->find("form") != std::string::npos;
    if (!from.body.empty() && is_form) {
        return error{.code = error_code::unsupported_media_type, .message = "Send application/json."};
    }
    return http::read_body(from);
}

field_reader::field_reader(const http::body_fields& fields, std::string prefix)
    : fields_{fields}, prefix_{std::move(prefix)} {
    for (const auto& member : fields_) {
        if (http::find_last(fields_, member.name) != &member.value) fail(member.name, "stands twice");
    }
}

bool field_reader::has(std::string_view name) const noexcept {
    return http::find_last(fields_, name) != nullptr;
}

void field_reader::text(std::string_view name, const text_rule& rule, std::string& into) {
    const auto* const value = take(name);
    if (value == nullptr) return;
    const auto* const given = as_text(*value);
    if (given == nullptr || !rule.fits(*given)) return fail(name, rule.message);
    into = *given;
}

void field_reader::optional_text(std::string_view name, const text_rule& rule, std::string& into) {
    const auto* const value = http::find_last(fields_, name);
    if (value == nullptr || !is_null(*value)) return text(name, rule, into);
    take(name);
    into.clear();
}

void field_reader::boolean(std::string_view name, bool& into) {
    const auto* const value = take(name);
    if (value == nullptr) return;
    const auto* const given = std::get_if<bool>(&value->value);
    if (given == nullptr) return fail(name, "must be true or false");
    into = *given;
}

void field_reader::time(std::string_view name, std::optional<wall_time>& into) {
    const auto* const value = take(name);
    if (value == nullptr) return;
    const auto* const given = as_text(*value);
    into = given == nullptr ? std::nullopt : parse_iso_time(*given);
    if (!into && !is_null(*value)) fail(name, "must be a time like 2026-01-06T15:14:22Z, of 1678 to 2261");
}

void field_reader::choice(std::string_view name, std::span<const std::string_view> names,
                          std::optional<std::size_t>& into) {
    const auto* const value = take(name);
    if (value == nullptr) return;
    into.reset();
    if (is_null(*value)) return;
    const auto* const given = as_text(*value);
    const auto found = given == nullptr ? names.end() : std::ranges::find(names, *given);
    if (found == names.end()) return fail(name, fmt::format("must be one of {}", fmt::join(names, ", ")));
    into = static_cast<std::size_t>(found - names.begin());
}

void field_reader::texts(std::string_view name, std::vector<std::string>& into) {
    const auto* const value = take(name);
    if (value == nullptr) return;
    const auto* const given = std::get_if<http::body_value::array>(&value->value);
    if (given == nullptr || given->empty()) return fail(name, "must be a list with one item at least");
    into.clear();
    for (const auto& each : *given) {
        const auto* const item = as_text(each);
        if (item == nullptr) return fail(name, "must be a list of texts");
        into.push_back(*item);
    }
}

void field_reader::object(std::string_view name, const std::function<void(field_reader&)>& read) {
    const auto* const value = take(name);
    if (value == nullptr) return;
    const auto* const given = std::get_if<http::body_fields>(&value->value);
    if (given == nullptr) return fail(name, "must be an object");
    field_reader inner{*given, prefix_ + std::string{name} + '.'};
    read(inner);
    auto fault = inner.finish();
    if (fault && !fault_) fault_ = std::move(fault);
}

void field_reader::fail(std::string_view name, std::string_view message) {
    if (fault_) return;
    const auto field = prefix_ + std::string{name};
    fault_ = invalid_field(field, fmt::format("{} {}.", field, message));
}

void field_reader::require(std::string_view name) {
    if (!has(name)) fail(name, "is required");
}

std::optional<error> field_reader::finish() {
    for (const auto& member : fields_) {
        if (std::ranges::find(known_, member.name) == known_.end()) fail(member.name, "is unknown");
    }
    return std::move(fault_);
}

const http::body_value* field_reader::take(std::string_view name) {
    known_.push_back(name);
    return http::find_last(fields_, name);
}

bool field_reader::integer(std::string_view name, integer_range range, std::optional<std::int64_t>& into) {
    const auto* const value = take(name);
    if (value == nullptr) return false;
    if (is_null(*value)) return true;
    const auto* const given = std::get_if<std::int64_t>(&value->value);
    if (given == nullptr || *given < range.least || *given > range.most) {
        fail(name, fmt::format("must be a whole number from {} to {}", range.least, range.most));
        return false;
    }
    into = *given;
    return true;
}

}  // namespace turnix::api
