// An event as webhooks carry it:
//
//   {"id":"…","type":"session.ended","created_at":"…","project":"default","data":{…}}
#pragma once

#include "api/auth/tenant_directory.hpp"
#include "api/events/event.hpp"

#include <string>

namespace turnix::api {

/// The project is its slug; null when it is gone. Any thread.
[[nodiscard]] std::string event_json(const events::event& what, const auth::tenant_directory& tenants);

}  // namespace turnix::api
