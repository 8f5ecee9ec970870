// What a token may do. A token has a set of scopes; each route needs one.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace turnix::model {

enum class scope : std::uint8_t {
    ice_issue,
    ice_revoke,
    sessions_read,
    sessions_kill,
    usage_read,
    tokens_admin,
    projects_admin,
    regions_admin,
    stats_read,
    audit_read,
    webhooks_admin,
};

/// "ice:issue", "sessions:read", ...
std::string_view to_string(scope value) noexcept;
std::optional<scope> scope_from(std::string_view text) noexcept;

class scope_set {
  public:
    constexpr scope_set() noexcept = default;
    constexpr scope_set(std::initializer_list<scope> scopes) noexcept {
        for (const auto each : scopes) add(each);
    }
    static scope_set all() noexcept;
    /// Reads what to_string gives: names separated by one space each, in any order. Nothing when one is
    /// unknown.
    static std::optional<scope_set> parse(std::string_view text) noexcept;

    constexpr void add(scope value) noexcept { bits_ |= 1U << static_cast<unsigned>(value); }
    [[nodiscard]] constexpr bool contains(scope value) const noexcept {
        return ((bits_ >> static_cast<unsigned>(value)) & 1U) != 0;
    }
    [[nodiscard]] constexpr bool is_within(const scope_set& other) const noexcept {
        return (bits_ & ~other.bits_) == 0;
    }
    /// "ice:issue ice:revoke", in the order of the enum; empty for none.
    [[nodiscard]] std::string to_string() const;

    friend constexpr bool operator==(const scope_set&, const scope_set&) noexcept = default;

  private:
    std::uint32_t bits_{0};
};

}  // namespace turnix::model
