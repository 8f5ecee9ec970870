// Who uses the service: organisations, and the projects that belong to them.
#pragma once

#include "common/clock/instant.hpp"
#include "common/credential/claims.hpp"
#include "common/credential/identifiers.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace turnix::model {

inline constexpr std::size_t organisation_name_bytes_max = 100;
inline constexpr std::size_t slug_characters_max = 63;
inline constexpr std::size_t link_template_bytes_max = 500;

struct organisation {
    organisation_id id;
    std::string name;
    /// What an organisation-wide token means when it names no project.
    project_id default_project;
    wall_time created_at;
};

/// What a whole project may use on one node; absent: no limit.
struct project_quotas {
    std::optional<std::uint32_t> allocations;
    std::optional<std::uint64_t> bitrate_bps;
    std::optional<std::uint32_t> packets_per_second;
    std::optional<std::uint64_t> bytes_per_day;  ///< relayed, both ways, from midnight UTC
    std::optional<std::uint32_t> sessions_per_second;

    friend bool operator==(const project_quotas&, const project_quotas&) = default;
};

/// What a credential may use unless it is issued with limits of its own; absent: no limit.
struct credential_limits {
    std::optional<std::uint16_t> allocations;
    std::optional<std::uint64_t> bitrate_bps;
    std::optional<std::uint32_t> packets_per_second;
    std::optional<std::uint64_t> bytes;

    friend bool operator==(const credential_limits&, const credential_limits&) = default;
};

/// Where an operator's own application shows a room, a client, a session: https, with {room}, {client} and
/// {session} to be filled in; see is_link_template. Empty: nowhere.
struct link_templates {
    std::string room;
    std::string client;
    std::string session;

    friend bool operator==(const link_templates&, const link_templates&) = default;
};

/// Absent: what the node's configuration says.
struct project_settings {
    std::optional<std::chrono::seconds> ttl_default;
    std::optional<std::chrono::seconds> ttl_max;
    std::optional<std::chrono::seconds> session_max;
    project_quotas quotas{};
    credential_limits limits{};
    std::optional<credential::peer_scope> peer_scope{};
    std::optional<credential::on_expiry> on_expiry{};
    std::optional<std::chrono::days> retention{};  ///< of ended sessions and credentials; absent: for good
    link_templates links{};

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
/// "https://", a host, and out of printable ASCII what follows; braces only around room, client and session,
/// and none in the host.
bool is_link_template(std::string_view text) noexcept;

}  // namespace turnix::model
