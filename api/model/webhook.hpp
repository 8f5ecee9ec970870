// Webhooks and what is sent to them, as they are stored and listed.
#pragma once

#include "common/clock/instant.hpp"
#include "common/credential/identifiers.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace turnix {
using webhook_id = identifier<struct webhook_tag>;
using delivery_id = identifier<struct delivery_tag>;
using event_id = identifier<struct event_tag>;
}  // namespace turnix

namespace turnix::model {

struct webhook {
    webhook_id id;
    project_id project;
    std::string url;
    std::vector<std::string> events;  ///< "session.ended", …
    std::string secret;               ///< what deliveries are signed with
    bool enabled{true};
    wall_time created_at;

    friend bool operator==(const webhook&, const webhook&) = default;
};

struct delivery {
    delivery_id id;
    webhook_id webhook;
    event_id event;
    std::string event_name;
    std::string body;
    wall_time created_at;
    std::int64_t attempts{0};
    std::optional<wall_time> due_at;  ///< absent: there is no further try
    wall_time give_up_at;             ///< no try after this
    std::optional<wall_time> delivered_at;
    std::optional<std::int64_t> last_status;  ///< of the last try: HTTP, if it got an answer
    std::optional<std::string> last_fault;    ///< of the last try, if it got none

    /// "pending", "delivered" or "dead".
    [[nodiscard]] const char* state() const noexcept {
        if (delivered_at) return "delivered";
        return due_at ? "pending" : "dead";
    }
};

}  // namespace turnix::model
