#include "relay/stun/address_attribute.hpp"
#include "relay/turn/answer.hpp"
#include "relay/turn/authentication.hpp"
#include "relay/turn/handlers.hpp"

namespace turnix::turn {

client_effect handle_binding(server_state& server, request& asked) {
    if (!may_answer(server, asked, budgeted_answer::binding)) {
        return server.drop(drop_reason::unauthorized_budget);
    }
    const auto unserved = unserved_attributes(asked.message);
    if (!unserved.empty()) return refuse_unknown(server, asked, unserved);  // 420

    auto success = answer::success(server, asked);
    stun::add_xor_address(success.message(), stun::attribute_type::xor_mapped_address, asked.path.client);
    return success.send();
}

}  // namespace turnix::turn
