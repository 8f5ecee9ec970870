// Who uses the service: organisations, and the projects that belong to them.
#pragma once

#include "common/clock/instant.hpp"
#include "common/credential/identifiers.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace turnix::model {

inline constexpr std::size_t organisation_name_bytes_max = 100;
inline constexpr std::size_t slug_characters_max = 63;

struct organisation {
    organisation_id id;
    std::string name;
    /// What an organisation-wide token means when it names no project.
    project_id default_project;
    wall_time created_at;
};

/// Absent: what the node's configuration says.
struct project_settings {
    std::optional<std::chrono::seconds> ttl_default;
    std::optional<std::chrono::seconds> ttl_max;
    std::optional<std::chrono::seconds> session_max;

    friend bool operator==(const project_settings&, const project_settings&) = default;
};

struct project {
    project_id id;
    organisation_id organisation;
    std::string slug;  ///< see is_project_slug; unique within its organisation
    project_settings settings;
    wall_time created_at;
};

/// 1 to 63 characters out of a-z 0-9 -, the first and the last no hyphen.
bool is_project_slug(std::string_view text) noexcept;
/// 1 to 100 bytes without control characters.
bool is_organisation_name(std::string_view text) noexcept;

}  // namespace turnix::model
