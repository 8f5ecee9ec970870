// API tokens as they are stored and listed: everything but the secret, of which only a digest is kept.
#pragma once

#include "api/model/scope.hpp"
#include "api/model/tenants.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace turnix::model {

using secret_digest = std::array<std::byte, 32>;  ///< SHA-256

/// How far a token's scopes go: one project, or a whole organisation.
struct token_reach {
    organisation_id organisation;
    std::optional<project_id> project;  ///< absent: every project of the organisation

    [[nodiscard]] bool covers(const token_reach& other) const noexcept {
        return organisation == other.organisation && (!project || project == other.project);
    }
    friend bool operator==(const token_reach&, const token_reach&) noexcept = default;
};

struct token {
    token_id id;
    token_reach reach;
    std::string name;  ///< what people call it
    scope_set scopes;
    secret_digest digest{};
    wall_time created_at;
    std::optional<wall_time> expires_at;
    std::optional<wall_time> revoked_at;
    std::optional<wall_time> last_used_at;  ///< to within a minute
    /// The secret before the last rotation and until when it is good.
    std::optional<secret_digest> previous_digest{};
    std::optional<wall_time> previous_ends_at{};
};

/// Who makes a request, as the bearer token says; every store call of the request takes its project.
struct principal {
    token_id token;
    token_reach reach;
    scope_set scopes;
    /// Never null. When `reach` is a whole organisation, that one's default project.
    std::shared_ptr<const model::project> project;
};

}  // namespace turnix::model
