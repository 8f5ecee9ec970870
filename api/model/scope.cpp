#include "api/model/scope.hpp"

#include <algorithm>
#include <array>

namespace turnix::model {

namespace {

/// By the enum's values.
constexpr std::array<std::string_view, 11> names{
    "ice:issue",      "ice:revoke",    "sessions:read", "sessions:kill", "usage:read",     "tokens:admin",
    "projects:admin", "regions:admin", "stats:read",    "audit:read",    "webhooks:admin",
};
static_assert(names.size() == static_cast<std::size_t>(scope::webhooks_admin) + 1);

}  // namespace

std::string_view to_string(scope value) noexcept { return names[static_cast<std::size_t>(value)]; }

std::optional<scope> scope_from(std::string_view text) noexcept {
    const auto* const found = std::ranges::find(names, text);
    if (found == names.end()) return std::nullopt;
    return static_cast<scope>(found - names.begin());
}

scope_set scope_set::all() noexcept {
    scope_set made;
    for (std::size_t i = 0; i < names.size(); ++i) made.add(static_cast<scope>(i));
    return made;
}

std::optional<scope_set> scope_set::parse(std::string_view text) noexcept {
    scope_set made;
    while (!text.empty()) {
        const auto name = text.substr(0, text.find(' '));
        const auto value = scope_from(name);
        const bool ends_in_space = name.size() + 1 == text.size();
        if (!value || ends_in_space) return std::nullopt;
        made.add(*value);
        text.remove_prefix(std::min(name.size() + 1, text.size()));
    }
    return made;
}

std::string scope_set::to_string() const {
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (!contains(static_cast<scope>(i))) continue;
        if (!text.empty()) text += ' ';
        text += names[i];
    }
    return text;
}

}  // namespace turnix::model
