// All overrides that hold on this node, as an immutable snapshot.
//
// A change makes a new set that shares all but one of its parts with the one before, so that a revocation
// costs the same whether there are ten or a hundred thousand. Any number of threads may ask one set.
#pragma once

#include "common/contract/credential_override.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace turnix::contract {

/// What the overrides make of one credential.
struct credential_standing {
    struct term {
        std::chrono::sys_seconds expires_at;
        std::chrono::sys_seconds sessions_end_at;
    };

    bool is_revoked{false};     ///< begins no session
    bool ends_sessions{false};  ///< and those that live end
    std::optional<term> extended;
    std::optional<limits_change> limits;
};

class override_set {
  public:
    static constexpr std::size_t overrides_max = 100'000;

    override_set() = default;
    /// Of records in any order.
    static std::shared_ptr<const override_set> of(std::span<const credential_override> records);

    /// This set and one record more, or in the place of an older version; a newer version stays.
    [[nodiscard]] std::shared_ptr<const override_set> with(const credential_override& added) const;
    /// This set without what is past its `until`.
    [[nodiscard]] std::shared_ptr<const override_set> without_expired(std::chrono::sys_seconds now) const;

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] credential_standing standing_of(const credential::claims& of) const noexcept;
    /// The record of that target and kind; null when there is none.
    [[nodiscard]] const credential_override* find(const override_target& target,
                                                  override_kind kind) const noexcept;
    /// Credentials that are issued with this moment, or later, are not meant by any rule about them.
    [[nodiscard]] std::chrono::sys_seconds free_of_rules_from(const credential::claims& of) const noexcept;

  private:
    struct key_view {
        const project_id& project;
        const detail::identifier_bytes& id;
        std::string_view name;
        override_scope scope;
        override_kind kind;
    };
    struct key {
        override_target target;
        override_kind kind;
    };
    struct key_hash {
        using is_transparent = void;
        std::size_t operator()(const key_view& of) const noexcept;
        std::size_t operator()(const key& of) const noexcept {
            return operator()(view_of(of.target, of.kind));
        }
    };
    struct key_equal {
        using is_transparent = void;
        bool operator()(const key& a, const key& b) const noexcept {
            return a.kind == b.kind && a.target == b.target;
        }
        bool operator()(const key_view& a, const key& b) const noexcept;
        bool operator()(const key& a, const key_view& b) const noexcept { return operator()(b, a); }
    };
    using part = boost::unordered_flat_map<key, credential_override, key_hash, key_equal>;
    static constexpr std::size_t parts = 128;

    static key_view view_of(const override_target& target, override_kind kind) noexcept {
        return {.project = target.project,
                .id = target.id,
                .name = target.name,
                .scope = target.scope,
                .kind = kind};
    }
    static std::size_t part_of(const key_view& of) noexcept;

    /// Into a part that nobody shares.
    void put(part& place, const credential_override& added);
    [[nodiscard]] const credential_override* look_up(const key_view& wanted) const noexcept;
    /// Calls `tell` with each rule that is about what was issued with these claims, whenever that was.
    template <class Told>
    void for_each_rule(const credential::claims& of, const Told& tell) const noexcept;

    std::array<std::shared_ptr<const part>, parts> parts_;
    std::size_t size_{0};
    std::size_t rules_{0};  ///< of them, those that are not about one credential
};

}  // namespace turnix::contract
