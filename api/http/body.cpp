#include "api/http/body.hpp"

#include "api/http/percent.hpp"

#include <algorithm>
#include <ranges>

#include <simdjson.h>

namespace turnix::http {

namespace {

namespace dom = simdjson::dom;

constexpr std::size_t parser_bytes = 64 * 1024;  // grows when a longer text comes

error malformed(std::string message) {
    return {.code = error_code::malformed, .message = std::move(message)};
}

/// One a thread, because making one costs more than parsing with it.
dom::parser& json_parser() {
    thread_local dom::parser parser;
    if (parser.capacity() == 0 && parser.allocate(parser_bytes, json_depth_max) != simdjson::SUCCESS) {
        throw std::bad_alloc{};
    }
    return parser;
}

/// The element as what its type says it is.
template <class Value>
Value taken(const dom::element& from) {
    Value value{};
    const bool is_such = from.get(value) == simdjson::SUCCESS;
    return is_such ? value : Value{};
}

body_value copy_of(const dom::element& from);

body_value::object copy_of(const dom::object& from) {
    body_value::object members;
    for (const auto [name, value] : from) {
        members.push_back({.name = std::string{name}, .value = copy_of(value)});
    }
    return members;
}

/// As deep as the parser let the text be: json_depth_max.
body_value copy_of(const dom::element& from) {  // NOLINT(misc-no-recursion)
    switch (from.type()) {
        case dom::element_type::OBJECT:
            return {copy_of(taken<dom::object>(from))};
        case dom::element_type::ARRAY: {
            body_value::array items;
            for (const auto item : taken<dom::array>(from)) items.push_back(copy_of(item));
            return {std::move(items)};
        }
        case dom::element_type::STRING:
            return {std::string{taken<std::string_view>(from)}};
        case dom::element_type::INT64:
            return {taken<std::int64_t>(from)};
        case dom::element_type::UINT64:
        case dom::element_type::DOUBLE:
            return {taken<double>(from)};
        case dom::element_type::BOOL:
            return {taken<bool>(from)};
        case dom::element_type::NULL_VALUE:
            break;
    }
    return {nullptr};
}

/// "application/json" out of "Application/JSON; charset=utf-8".
bool is_media_type(std::string_view content_type, std::string_view wanted) {
    auto type = content_type.substr(0, content_type.find(';'));
    while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) type.remove_suffix(1);
    return equal_ignoring_case(type, wanted);
}

}  // namespace

result<body_fields, error> read_json(std::string_view text) {
    dom::element document;
    if (json_parser().parse(text.data(), text.size()).get(document) != simdjson::SUCCESS) {
        return malformed("The body is not valid JSON, or it is nested more than 16 deep.");
    }
    dom::object members;
    if (document.get(members) != simdjson::SUCCESS) return malformed("The body is not a JSON object.");
    return copy_of(members);
}

result<std::vector<named_value>, error> read_form(std::string_view text) {
    std::vector<named_value> fields;
    while (!text.empty()) {
        const auto pair = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(text.size(), pair.size() + 1));
        if (pair.empty()) continue;
        const auto equals = std::min(pair.find('='), pair.size());
        auto name = percent_decoded(pair.substr(0, equals), plus_sign::space);
        auto value = percent_decoded(pair.substr(std::min(pair.size(), equals + 1)), plus_sign::space);
        if (!name || !value) return malformed("A percent escape is broken, or it is not UTF-8.");
        fields.push_back({.name = std::move(*name), .value = std::move(*value)});
    }
    return fields;
}

result<body_fields, error> read_body(const request& from) {
    if (from.body.empty()) return body_fields{};
    const auto* const content_type = from.headers.find("Content-Type");
    const auto type = content_type == nullptr ? std::string_view{} : std::string_view{*content_type};
    if (is_media_type(type, "application/json")) return read_json(from.body);
    if (!is_media_type(type, "application/x-www-form-urlencoded")) {
        return error{.code = error_code::unsupported_media_type,
                     .message = "Send application/json or application/x-www-form-urlencoded."};
    }
    auto form = read_form(from.body);
    if (form.has_error()) return form.error();
    body_fields fields;
    for (auto& [name, value] : *form) fields.push_back({std::move(name), {std::move(value)}});
    return fields;
}

const body_value* find_last(const body_fields& in, std::string_view name) noexcept {
    for (const auto& member : in | std::views::reverse) {
        if (member.name == name) return &member.value;
    }
    return nullptr;
}

}  // namespace turnix::http
