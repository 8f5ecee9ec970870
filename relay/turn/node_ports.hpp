// Which (address, port) pairs of this node are relay ports at this moment, for the first rule of the peer
// policy: an allocated relay port of this node may be reached, every other port on its addresses may not.
//
// One table for the node, shared by all workers: written when a port opens or closes, read per datagram that
// goes to or comes from one of the node's own addresses. Lock-free: one atomic bit a port.
#pragma once

#include "common/contract/relay_settings.hpp"
#include "common/net/endpoint.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace turnix::turn {

class node_ports {
  public:
    /// The addresses are fixed for the table's lifetime; `own` are further addresses of this node that are
    /// never relayed to (listeners, API, interfaces).
    node_ports(std::span<const contract::relay_address_settings> relay_addresses,
               std::span<const net::address> own);

    /// `local` must be one of the relay addresses. Called by the worker that owns the port.
    void opened(const net::endpoint& local) noexcept;
    void closed(const net::endpoint& local) noexcept;

    /// Whose room the allocation at this open port is of, for as long as it is open; see room_tag.
    void set_room(const net::endpoint& local, std::uint64_t room) noexcept;
    /// 0 when there is none.
    [[nodiscard]] std::uint64_t room_of(const net::endpoint& local) const noexcept;

    /// Is this an address of the node, local or external, of whatever port?
    [[nodiscard]] bool is_own(const net::address& candidate) const noexcept;
    /// Is this an address that relay ports are opened on, local or external?
    [[nodiscard]] bool is_relay(const net::address& candidate) const noexcept;
    /// For a destination as clients name it (external or local address): the local endpoint to send to when
    /// that port is allocated at this moment.
    [[nodiscard]] std::optional<net::endpoint> local_of(const net::endpoint& destination) const noexcept;
    /// For a source as the kernel shows it (local address): the endpoint that clients know when that port is
    /// allocated at this moment.
    [[nodiscard]] std::optional<net::endpoint> advertised_of(const net::endpoint& source) const noexcept;

  private:
    static constexpr std::size_t ports = 65536;
    static constexpr std::size_t words = ports / 64;
    struct relay_address {
        contract::relay_address_settings address;
        std::unique_ptr<std::atomic<std::uint64_t>[]> allocated;
        std::unique_ptr<std::atomic<std::uint64_t>[]> rooms;  ///< by port
    };
    [[nodiscard]] relay_address* bound_to(const net::address& local) noexcept;
    [[nodiscard]] static bool is_set(const relay_address& at, std::uint16_t port) noexcept;

    std::vector<relay_address> relay_addresses_;
    std::vector<net::address> own_;
};

}  // namespace turnix::turn
