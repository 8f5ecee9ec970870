#include "relay/turn/shedding.hpp"

namespace turnix::turn {

namespace {

using contract::load_step;

bool has_ticket(server_state& server, const stun::message_view& message) noexcept {
    if (!server.environment.settings.mobility.enabled) return false;
    const auto value = message.find(stun::attribute_type::mobility_ticket);
    return value && server.tickets.open(*value);
}

}  // namespace

bool refuses_newcomers(const server_state& server) noexcept {
    return server.environment.admission.load().is_at_least(load_step::newcomers_refused);
}

bool is_ignored(server_state& server, const request& asked) noexcept {
    if (!server.environment.admission.load().is_at_least(load_step::strangers_ignored)) return false;
    return !server.has_allocation(asked.path) && !has_ticket(server, asked.message);
}

}  // namespace turnix::turn
