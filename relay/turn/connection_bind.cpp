#include "relay/stun/attributes.hpp"
#include "relay/turn/answer.hpp"
#include "relay/turn/handlers.hpp"

#include <utility>

namespace turnix::turn {

using stun::attribute_type;
using stun::error_code;

client_effect handle_connection_bind(server_state& server, request& asked) {
    if (!net::is_stream(asked.path.transport)) return refuse(server, asked, error_code::bad_request);  // 400
    // A connection with an allocation of its own cannot become a connection for data.
    if (asked.session != nullptr) return refuse(server, asked, error_code::bad_request);  // 400
    if (!is_permitted(asked.credential->claims, asked.path)) {
        return refuse(server, asked, error_code::forbidden);  // 403
    }
    const auto id = asked.read(attribute_type::connection_id, stun::decode_connection_id).value;
    if (!id) return refuse(server, asked, error_code::bad_request);  // 400
    server.bound = server.environment.connections.take(*id, asked.credential->username, asked.now.monotonic);
    if (!server.bound) return refuse(server, asked, error_code::bad_request);  // 400
    return splice{.message = answer::success(server, asked).signed_message(), .with = &*server.bound};
}

}  // namespace turnix::turn
