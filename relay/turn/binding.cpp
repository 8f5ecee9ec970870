#include "relay/stun/address_attribute.hpp"
#include "relay/turn/answer.hpp"
#include "relay/turn/authentication.hpp"
#include "relay/turn/handlers.hpp"
#include "relay/turn/nat_discovery.hpp"
#include "relay/turn/shedding.hpp"

#include <algorithm>

namespace turnix::turn {

namespace {

using stun::attribute_type;

// RFC 5780 §6.1: CHANGE-REQUEST is understood only where there is another place to answer from.
stun::unknown_attributes unserved_by_binding(const stun::message_view& message, bool may_change) noexcept {
    auto unserved = unserved_attributes(message);
    if (may_change) {
        unserved.erase(std::ranges::remove(unserved, attribute_type::change_request).begin(), unserved.end());
    }
    return unserved;
}

}  // namespace

client_effect handle_binding(server_state& server, request& asked) {
    if (is_ignored(server, asked)) return server.drop(drop_reason::overload);
    if (!may_answer(server, asked, budgeted_answer::binding)) {
        return server.drop(drop_reason::unauthorized_budget);
    }
    const auto& settings = server.environment.settings;
    const auto opposite = opposite_place(settings, asked.path);
    const auto unserved = unserved_by_binding(asked.message, opposite.has_value());
    if (!unserved.empty()) return refuse_unknown(server, asked, unserved);  // 420
    const auto change = asked.read(attribute_type::change_request, stun::decode_change_request);
    if (change.malformed) return refuse(server, asked, stun::error_code::bad_request);  // 400

    auto success = answer::success(server, asked);
    stun::add_xor_address(success.message(), attribute_type::xor_mapped_address, asked.path.client);
    if (!opposite) return success.send();

    // RFC 5780 §6.1, table 1
    const auto differs = change.value.value_or(stun::change_request{});
    const auto& to = asked.path.server;
    const net::endpoint from{differs.address ? opposite->address : to.address,
                             differs.port ? opposite->port : to.port};
    stun::add_address(success.message(), attribute_type::mapped_address, asked.path.client);
    stun::add_address(success.message(), attribute_type::response_origin, as_clients_see(settings, from));
    stun::add_address(success.message(), attribute_type::other_address, as_clients_see(settings, *opposite));
    return success.send_from(from);
}

}  // namespace turnix::turn
