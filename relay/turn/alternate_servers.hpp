// Where clients are sent that this node takes no more (RFC 8489 §10): a hook that whoever knows the fleet
// fills. The core decides who is sent on and how it is told (redirection.hpp); the hook, where to.
#pragma once

#include "common/credential/claims.hpp"
#include "common/net/endpoint.hpp"
#include "relay/turn/routes.hpp"

#include <boost/container/static_vector.hpp>

#include <optional>
#include <string>

namespace turnix::turn {

struct alternate_server {
    /// As clients reach it over the transport that was asked for; at most one of each family.
    boost::container::static_vector<net::endpoint, 2> addresses;
    /// A name in its certificate, of at most 255 bytes; empty when it has the same certificate as this node.
    std::string domain;
};

class alternate_servers {
  public:
    alternate_servers() = default;
    alternate_servers(const alternate_servers&) = delete;
    alternate_servers& operator=(const alternate_servers&) = delete;
    virtual ~alternate_servers() = default;

    /// A server that takes a client of this transport, with an address of the client's own family; nothing
    /// when there is none. Must not name a server that sends its clients on in turn: they would go in
    /// circles. Asked on every worker's thread, at once; must not wait. Throws std::bad_alloc only.
    [[nodiscard]] virtual std::optional<alternate_server> find(const client_path& client,
                                                               const credential::claims& claims) const = 0;
};

}  // namespace turnix::turn
