// Relay ports for one worker's allocations: at random out of the configured range, on the relay addresses.
//
// Whether a port is free, the kernel decides: binding it exclusively is the probe. The node's table of relay
// ports spares the probes that are known to fail, and learns what opens and closes here. Used on the worker's
// thread.
#pragma once

#include "common/contract/relay_settings.hpp"
#include "common/crypto/random.hpp"
#include "relay/io/datagram_engine.hpp"
#include "relay/io/tcp_relay.hpp"
#include "relay/turn/node_ports.hpp"
#include "relay/turn/random_pool.hpp"
#include "relay/turn/relay_ports.hpp"

#include <cstdint>
#include <memory>
#include <type_traits>
#include <vector>

namespace turnix::io {

class port_pool final : public turn::relay_ports {
  public:
    /// Engine, TCP relay and table outlive it. `addresses` in order of preference.
    port_pool(datagram_engine& engine, tcp_relay& tcp, turn::node_ports& node,
              std::vector<contract::relay_address_settings> addresses, contract::port_range range);

    [[nodiscard]] result<turn::relay_port, turn::port_error> open(const turn::port_request& request) override;
    [[nodiscard]] result<turn::port_pair, turn::port_error> open_pair(
        const turn::port_request& request) override;
    [[nodiscard]] result<turn::relay_port, turn::port_error> open_reserved(
        std::unique_ptr<turn::reserved_port> reserved) override;
    [[nodiscard]] std::unique_ptr<turn::reserved_port> release(turn::relay_handle handle) override;
    [[nodiscard]] bool connect(turn::relay_handle from, const net::endpoint& peer) noexcept override {
        return tcp_.connect(from, peer);
    }
    void close(turn::relay_handle handle) noexcept override;

  private:
    using relay_address = contract::relay_address_settings;

    struct open_port {
        relay_address address;
        std::uint16_t port{0};

        [[nodiscard]] net::endpoint local() const noexcept {
            return {.address = address.local, .port = port};
        }
    };
    /// Ports that may be tried: `first`, `first + step` and so on.
    struct candidates {
        std::uint16_t first{0};
        std::uint16_t step{1};
        std::uint32_t count{0};

        [[nodiscard]] std::uint16_t at(std::uint32_t index) const noexcept {
            return static_cast<std::uint16_t>(first + index * step);
        }
    };
    /// Even ones, with room for `followers` more in the range after each.
    [[nodiscard]] candidates even_ports(std::uint16_t followers) const noexcept;

    template <class Bind>
    using found_by = result<typename std::invoke_result_t<Bind, relay_address, std::uint16_t>::value_type,
                            turn::port_error>;

    /// What `bind` yields for the first candidate that works.
    template <class Bind>
    [[nodiscard]] auto search(const turn::port_request& request, const candidates& ports, Bind bind)
        -> found_by<Bind>;
    /// What `look` finds on the first address where it finds something, the request's own address first.
    template <class Look>
    [[nodiscard]] auto on_first(const turn::port_request& request, Look look)
        -> result<typename std::invoke_result_t<Look, relay_address>::value_type, turn::port_error>;
    template <class Bind>
    [[nodiscard]] auto draw_on(const relay_address& address, const candidates& ports, Bind bind)
        -> std::invoke_result_t<Bind, relay_address, std::uint16_t>;
    template <class Bind>
    [[nodiscard]] auto walk_on(const relay_address& address, const candidates& ports, Bind bind)
        -> std::invoke_result_t<Bind, relay_address, std::uint16_t>;
    /// At random among that many; none are not to be asked for.
    [[nodiscard]] std::uint32_t random_below(std::uint32_t count) noexcept;

    [[nodiscard]] result<turn::relay_port, bind_error> bind(const relay_address& address, std::uint16_t port);
    /// The datagram socket takes the number for both protocols: only then is it one relay port of the node.
    [[nodiscard]] result<turn::relay_port, bind_error> bind_tcp(const relay_address& address,
                                                                std::uint16_t port);
    [[nodiscard]] result<turn::port_pair, bind_error> bind_pair(const relay_address& address,
                                                                std::uint16_t port);
    /// Notes what was opened.
    turn::relay_port opened(turn::relay_handle handle, const relay_address& address, std::uint16_t port);
    /// By a worker of this node.
    [[nodiscard]] bool is_open(const relay_address& address, std::uint16_t port) const noexcept;

    datagram_engine& engine_;
    tcp_relay& tcp_;
    turn::node_ports& node_;
    std::vector<contract::relay_address_settings> addresses_;
    contract::port_range range_;
    std::vector<open_port> open_;  ///< by handle
    turn::random_pool random_{crypto::fill_random};
};

}  // namespace turnix::io
