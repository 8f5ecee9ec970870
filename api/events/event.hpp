// What happens that others want to hear of.
#pragma once

#include "api/model/webhook.hpp"
#include "common/clock/instant.hpp"
#include "common/credential/identifiers.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace turnix::events {

enum class event_kind : std::uint8_t {
    session_started,
    session_ended,
    credential_revoked,
    quota_exceeded,
    region_down,
    region_up,
};

/// "session.started", "credential.revoked", …
std::string_view to_string(event_kind value) noexcept;
std::optional<event_kind> event_kind_from(std::string_view text) noexcept;

/// Does what happened in `where` concern that project? What is of none is of every one.
[[nodiscard]] inline bool is_of(const project_id& where, const project_id& which) noexcept {
    return where == project_id{} || where == which;
}

struct event {
    event_id id;
    event_kind kind{event_kind::session_started};
    project_id project;  ///< zero: see is_of
    wall_time at;
    std::string data;  ///< a JSON object: what the API says of the thing
};

}  // namespace turnix::events
