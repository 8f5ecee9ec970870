// Tenants, claims and events for the tests of what is stored.
#pragma once

#include "api/model/token.hpp"
#include "api/store/sqlite_database.hpp"
#include "common/contract/session_event.hpp"
#include "common/credential/claims.hpp"
#include "tests/common/config/temporary_directory.hpp"

#include <memory>
#include <string>
#include <utility>

namespace turnix::tests {

inline constexpr std::chrono::sys_seconds noon{std::chrono::seconds{1'767'700'800}};

/// An organisation with one project and an organisation-wide token of every scope.
struct tenant {
    tenant(std::string name, std::string slug)
        : organisation{.id = organisation_id::random(),
                       .name = std::move(name),
                       .default_project = project_id::random(),
                       .created_at = noon},
          project{.id = organisation.default_project,
                  .organisation = organisation.id,
                  .slug = std::move(slug),
                  .settings = {.ttl_default = std::chrono::seconds{60}, .ttl_max = {}, .session_max = {}},
                  .created_at = noon},
          token{.id = token_id::random(),
                .reach = {.organisation = organisation.id, .project = {}},
                .name = "first",
                .scopes = model::scope_set::all(),
                .digest = {std::byte{1}, std::byte{2}},
                .created_at = noon,
                .expires_at = noon + std::chrono::hours{24},
                .revoked_at = {},
                .last_used_at = {}} {}

    model::organisation organisation;
    model::project project;
    model::token token;
};

inline credential::claims claims_of_a_call() {
    credential::claims made;
    made.id = credential_id::random();
    made.project = project_id::random();
    made.token = token_id::random();
    made.issued_at = noon;
    made.expires_at = noon + std::chrono::seconds{30};
    made.sessions_end_at = noon + std::chrono::hours{24};
    made.room = "room-7";
    made.initiator_client = "alice";
    made.region = "local";
    made.limits.bytes_max = 1'000;
    made.allowed_client = net::address::parse("2001:db8::7").value();
    return made;
}

inline contract::session_started start_of_a_session(session_id id) {
    return {.id = id,
            .claims = std::make_shared<const credential::claims>(claims_of_a_call()),
            .client = net::endpoint::parse("192.0.2.7:40000").value(),
            .server = net::endpoint::parse("198.51.100.1:3478").value(),
            .transport = net::transport::tcp,
            .relayed = net::endpoint::parse("[2001:db8::1]:50000").value(),
            .at = noon};
}

}  // namespace turnix::tests
