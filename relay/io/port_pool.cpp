#include "relay/io/port_pool.hpp"

#include "common/crypto/random.hpp"

#include <cassert>
#include <cstring>
#include <utility>

namespace turnix::io {

namespace {

/// Ports drawn at random before the range is walked through from a random place.
constexpr int random_draws_max = 24;
/// Ports that other programs hold, tried in one walk: each costs a bind while packets wait.
constexpr int walk_binds_max = 256;

std::uint32_t port_count(contract::port_range range) noexcept {
    return std::uint32_t{range.last} - range.first + 1U;
}

}  // namespace

port_pool::port_pool(datagram_engine& engine, turn::node_ports& node,
                     std::vector<contract::relay_address_settings> addresses, contract::port_range range)
    : engine_{engine}, node_{node}, addresses_{std::move(addresses)}, range_{range} {
    assert(range.first <= range.last);
}

result<turn::relay_port, turn::port_error> port_pool::open(const turn::port_request& request) {
    // The address that the client spoke to is known to be reachable for it: it goes first.
    bool family_served = false;
    for (const bool preferred : {true, false}) {
        for (const auto& address : addresses_) {
            if (address.local.family() != request.family) continue;
            family_served = true;
            if ((address.local == request.server) != preferred) continue;
            auto opened = open_on(address);
            if (opened) return *opened;
        }
    }
    return family_served ? turn::port_error::insufficient : turn::port_error::family_not_served;
}

result<turn::relay_port, bind_error> port_pool::open_on(const contract::relay_address_settings& address) {
    for (int draw = 0; draw < random_draws_max; ++draw) {
        const auto port = random_port();
        if (is_open(address, port)) continue;
        auto bound = bind(address, port);
        if (bound || bound.error() != bind_error::in_use) return bound;
    }
    // Nearly full, or nearly all taken by others.
    const std::uint32_t ports = port_count(range_);
    const std::uint32_t start = random_port() - std::uint32_t{range_.first};
    int binds = 0;
    for (std::uint32_t step = 0; step < ports && binds < walk_binds_max; ++step) {
        const auto port = static_cast<std::uint16_t>(range_.first + (start + step) % ports);
        if (is_open(address, port)) continue;
        ++binds;
        auto bound = bind(address, port);
        if (bound || bound.error() != bind_error::in_use) return bound;
    }
    return bind_error::in_use;
}

bool port_pool::is_open(const contract::relay_address_settings& address, std::uint16_t port) const noexcept {
    return node_.advertised_of({.address = address.local, .port = port}).has_value();
}

result<turn::relay_port, bind_error> port_pool::bind(const contract::relay_address_settings& address,
                                                     std::uint16_t port) {
    const net::endpoint local{.address = address.local, .port = port};
    const auto handle = engine_.open_relay(local);
    if (!handle) return handle.error();
    if (open_.size() <= handle->index) open_.resize(handle->index + 1U);
    open_[handle->index] = local;
    node_.opened(local);
    return turn::relay_port{
        .handle = *handle, .local = local, .advertised = {.address = address.advertised(), .port = port}};
}

void port_pool::close(turn::relay_handle handle) noexcept {
    // In this order: once the socket is closed, another worker may open the port and say so.
    node_.closed(open_[handle.index]);
    engine_.close_relay(handle);
}

std::uint16_t port_pool::random_port() const noexcept {
    const auto bytes = crypto::random_bytes<sizeof(std::uint64_t)>();
    std::uint64_t drawn{};
    std::memcpy(&drawn, bytes.data(), sizeof drawn);
    return static_cast<std::uint16_t>(range_.first + drawn % port_count(range_));
}

}  // namespace turnix::io
