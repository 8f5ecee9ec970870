#include "relay/io/listener_group.hpp"

#include "relay/io/socket.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace turnix::io {

namespace {

std::string remedy(bind_error error, const listener_keys& keys) {
    switch (error) {
        case bind_error::in_use:
            return fmt::format(
                "stop the program that holds it (ss -lnp shows it; it may be another turnixd) or choose "
                "another port in {}",
                keys.port);
        case bind_error::not_local:
            return fmt::format("name an address of this host in {} (ip address shows them)", keys.address);
        case bind_error::not_permitted:
            return fmt::format("choose a port above 1023 in {} or give the program CAP_NET_BIND_SERVICE",
                               keys.port);
        case bind_error::out_of_resources:
            return "raise the limit of open files (ulimit -n)";
        case bind_error::other:
            break;
    }
    return fmt::format("check {} and the system's log", keys.address);
}

file_descriptor open(const contract::listener_settings& at, port_sharing sharing, const listener_keys& keys) {
    auto socket = net::is_stream(at.transport) ? open_tcp_listener(at.address, sharing)
                                               : open_udp_listener(at.address, sharing);
    if (!socket) {
        throw std::runtime_error{fmt::format("cannot listen on {} {}: {}; {}", net::to_string(at.transport),
                                             at.address.to_string(), to_string(socket.error()),
                                             remedy(socket.error(), keys))};
    }
    return std::move(*socket);
}

}  // namespace

listener_group open_listener_group(const contract::listener_settings& wanted, std::size_t sockets,
                                   const listener_keys& keys) {
    listener_group group{.bound = wanted, .sockets = {}};
    group.sockets.reserve(sockets);
    group.sockets.push_back(open(wanted, port_sharing::exclusive, keys));
    group.bound.address = bound_endpoint(group.sockets.front());
    let_others_join(group.sockets.front());
    while (group.sockets.size() < sockets) {
        group.sockets.push_back(open(group.bound, port_sharing::joins_group, keys));
    }
    return group;
}

}  // namespace turnix::io
