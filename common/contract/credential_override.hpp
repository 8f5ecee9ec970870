// What is decided of credentials after they were issued: that they are revoked, extended or capped. One
// record type, about one credential or about all that a rule covers.
//
// Plain values. A record replaces an older one of the same target and kind, so that the newest version counts
// wherever and in whatever order they arrive.
#pragma once

#include "common/credential/claims.hpp"
#include "common/credential/identifiers.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace turnix::contract {

enum class override_scope : std::uint8_t { credential, token, client, room, project };
enum class override_kind : std::uint8_t { revoke, extend, cap };
/// What becomes of the sessions of a credential that is revoked: they end, or only new ones are refused.
enum class live_sessions_rule : std::uint8_t { terminate, drain };

/// Which credentials of a project are meant.
struct override_target {
    project_id project;
    override_scope scope{override_scope::credential};
    detail::identifier_bytes id{};  ///< of the credential or the token; zero otherwise
    std::string name{};             ///< of the room or the client (either end); empty otherwise

    friend bool operator==(const override_target&, const override_target&) = default;
};

/// Of what a cap says nothing, the credential keeps its own. Zero: no limit.
struct limits_change {
    std::optional<std::uint64_t> bitrate_bps_max{};
    std::optional<std::uint32_t> packets_per_second_max{};
    std::optional<std::uint64_t> bytes_max{};
    std::optional<std::uint16_t> allocations_max{};

    [[nodiscard]] credential::limits applied_to(const credential::limits& own) const noexcept {
        return {.bitrate_bps_max = bitrate_bps_max.value_or(own.bitrate_bps_max),
                .packets_per_second_max = packets_per_second_max.value_or(own.packets_per_second_max),
                .bytes_max = bytes_max.value_or(own.bytes_max),
                .allocations_max = allocations_max.value_or(own.allocations_max)};
    }
    friend bool operator==(const limits_change&, const limits_change&) = default;
};

struct credential_override {
    override_target target;
    override_kind kind{override_kind::revoke};
    /// A rule is about what was issued before this moment; a single credential is meant whenever it was
    /// issued.
    std::chrono::sys_seconds issued_before{};
    std::uint64_t version{0};
    /// The record is kept until then; by then what this fleet issued and is meant has ended by itself.
    std::chrono::sys_seconds until{};

    live_sessions_rule sessions{live_sessions_rule::terminate};  ///< of revoke
    std::chrono::sys_seconds expires_at{};                       ///< of extend
    std::chrono::sys_seconds sessions_end_at{};                  ///< of extend
    limits_change limits{};                                      ///< of cap

    friend bool operator==(const credential_override&, const credential_override&) = default;
};

}  // namespace turnix::contract
