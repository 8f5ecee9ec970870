// Relay ports for one worker's allocations: at random out of the configured range, on the relay addresses.
//
// Whether a port is free, the kernel decides: binding it exclusively is the probe. The node's table of relay
// ports spares the probes that are known to fail, and learns what opens and closes here. Used on the worker's
// thread.
#pragma once

#include "common/contract/relay_settings.hpp"
#include "relay/io/datagram_engine.hpp"
#include "relay/turn/node_ports.hpp"
#include "relay/turn/relay_ports.hpp"

#include <cstdint>
#include <vector>

namespace turnix::io {

class port_pool final : public turn::relay_ports {
  public:
    /// Engine and table outlive it. `addresses` in order of preference.
    port_pool(datagram_engine& engine, turn::node_ports& node,
              std::vector<contract::relay_address_settings> addresses, contract::port_range range);

    [[nodiscard]] result<turn::relay_port, turn::port_error> open(const turn::port_request& request) override;
    void close(turn::relay_handle handle) noexcept override;

  private:
    [[nodiscard]] result<turn::relay_port, bind_error> open_on(
        const contract::relay_address_settings& address);
    [[nodiscard]] result<turn::relay_port, bind_error> bind(const contract::relay_address_settings& address,
                                                            std::uint16_t port);
    /// By a worker of this node.
    [[nodiscard]] bool is_open(const contract::relay_address_settings& address,
                               std::uint16_t port) const noexcept;
    [[nodiscard]] std::uint16_t random_port() const noexcept;

    datagram_engine& engine_;
    turn::node_ports& node_;
    std::vector<contract::relay_address_settings> addresses_;
    contract::port_range range_;
    std::vector<net::endpoint> open_;  ///< by handle
};

}  // namespace turnix::io
