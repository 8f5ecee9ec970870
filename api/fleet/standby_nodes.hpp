// Where a client goes that this node takes no more: the other nodes that take new sessions, as the gossip has
// it at one moment, those of this node's region first, then region after region as they are ranked from here.
//
// Only nodes that gossip, and of which nobody has any doubt: who may drain, be full or be dead unseen would
// send the client on in turn, or not answer it. Immutable; any thread.
#pragma once

#include "api/fleet/region_selector.hpp"
#include "common/net/endpoint.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace turnix::fleet {

struct standby_node {
    std::vector<net::address> addresses;  ///< at most one of each family
    std::string name;                     ///< in its certificate; empty for one that has only an address
    gossip::served_ports ports;
    double share{0};  ///< of its sessions that it has

    /// Zero when it does not serve the transport.
    [[nodiscard]] std::uint16_t port_of(net::transport transport) const noexcept;
};

class standby_nodes {
  public:
    /// The addresses of a host of the regions file, as far as they are known by now.
    using address_book = std::function<std::vector<net::address>(const std::string& host)>;

    standby_nodes(const region_directory& directory, const region_selector& selector,
                  const address_book& addresses);

    /// In the best region that has any for such a client, of two at random the less loaded; null when there
    /// is none. Over TLS and DTLS only one with a name, which the client can look for in its certificate.
    [[nodiscard]] const standby_node* find(net::transport transport, net::family family,
                                           std::uint64_t random) const;

  private:
    void add(const std::vector<ready_node>& ready, const address_book& addresses);

    std::vector<std::vector<standby_node>> regions_;
};

}  // namespace turnix::fleet
