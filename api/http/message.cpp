#include "api/http/message.hpp"

#include <algorithm>
#include <array>

namespace turnix::http {

namespace {

constexpr std::array<std::string_view, 8> method_names{"GET",   "HEAD",   "POST",    "PUT",
                                                       "PATCH", "DELETE", "OPTIONS", "OTHER"};
static_assert(method_names.size() == static_cast<std::size_t>(method::other) + 1);

constexpr char to_lower(char letter) noexcept {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

}  // namespace

std::string_view to_string(method value) noexcept { return method_names.at(static_cast<std::size_t>(value)); }

method parse_method(std::string_view text) noexcept {
    const auto* const found = std::ranges::find(method_names, text);
    if (found == method_names.end()) return method::other;
    return static_cast<method>(found - method_names.begin());
}

const std::string* header_fields::find(std::string_view name) const noexcept {
    const auto found = std::ranges::find_if(
        values_, [name](const named_value& field) { return equal_ignoring_case(field.name, name); });
    return found == values_.end() ? nullptr : &found->value;
}

std::string header_fields::list(std::string_view name) const {
    std::string joined;
    for (const auto& field : values_) {
        if (!equal_ignoring_case(field.name, name)) continue;
        if (!joined.empty()) joined += ", ";
        joined += field.value;
    }
    return joined;
}

void header_fields::add(std::string name, std::string value) {
    values_.push_back({.name = std::move(name), .value = std::move(value)});
}

response at_once(response answer) {
    if (!answer.later) return answer;
    response made;
    answer.later([&made](response later) { made = std::move(later); });
    return made;
}

response json_response(std::uint16_t status, std::string document) {
    return {.status = status, .headers = {{"Content-Type", "application/json"}}, .body = std::move(document)};
}

bool equal_ignoring_case(std::string_view left, std::string_view right) noexcept {
    return std::ranges::equal(left, right, {}, to_lower, to_lower);
}

}  // namespace turnix::http
