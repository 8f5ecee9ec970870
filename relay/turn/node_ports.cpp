#include "relay/turn/node_ports.hpp"

#include <algorithm>
#include <cassert>

namespace turnix::turn {
namespace {

constexpr std::uint64_t bit_of(std::uint16_t port) noexcept { return std::uint64_t{1} << (port % 64U); }

constexpr std::size_t word_of(std::uint16_t port) noexcept { return port / 64U; }

}  // namespace

node_ports::node_ports(std::span<const contract::relay_address_settings> relay_addresses,
                       std::span<const net::address> own)
    : own_{own.begin(), own.end()} {
    relay_addresses_.reserve(relay_addresses.size());
    for (const auto& address : relay_addresses) {
        relay_address& added = relay_addresses_.emplace_back();
        added.address = address;
        added.allocated = std::make_unique<std::atomic<std::uint64_t>[]>(words);
        added.rooms = std::make_unique<std::atomic<std::uint64_t>[]>(ports);
    }
}

// A bit stands for itself and publishes nothing else: relaxed order is enough everywhere.
void node_ports::opened(const net::endpoint& local) noexcept {
    relay_address* const at = bound_to(local.address);
    assert(at != nullptr);
    at->allocated[word_of(local.port)].fetch_or(bit_of(local.port), std::memory_order_relaxed);
}

void node_ports::closed(const net::endpoint& local) noexcept {
    relay_address* const at = bound_to(local.address);
    assert(at != nullptr);
    at->rooms[local.port].store(0, std::memory_order_relaxed);
    at->allocated[word_of(local.port)].fetch_and(~bit_of(local.port), std::memory_order_relaxed);
}

void node_ports::set_room(const net::endpoint& local, std::uint64_t room) noexcept {
    relay_address* const at = bound_to(local.address);
    assert(at != nullptr);
    at->rooms[local.port].store(room, std::memory_order_relaxed);
}

std::uint64_t node_ports::room_of(const net::endpoint& local) const noexcept {
    for (const auto& each : relay_addresses_) {
        if (each.address.local == local.address)
            return each.rooms[local.port].load(std::memory_order_relaxed);
    }
    return 0;
}

bool node_ports::is_own(const net::address& candidate) const noexcept {
    return is_relay(candidate) || std::ranges::find(own_, candidate) != own_.end();
}

bool node_ports::is_relay(const net::address& candidate) const noexcept {
    return std::ranges::any_of(relay_addresses_, [&](const relay_address& each) noexcept {
        return each.address.local == candidate || each.address.advertised() == candidate;
    });
}

std::optional<net::endpoint> node_ports::local_of(const net::endpoint& destination) const noexcept {
    for (const auto& each : relay_addresses_) {
        const bool named =
            each.address.advertised() == destination.address || each.address.local == destination.address;
        if (named && is_set(each, destination.port)) {
            return net::endpoint{each.address.local, destination.port};
        }
    }
    return std::nullopt;
}

std::optional<net::endpoint> node_ports::advertised_of(const net::endpoint& source) const noexcept {
    for (const auto& each : relay_addresses_) {
        if (each.address.local == source.address && is_set(each, source.port)) {
            return net::endpoint{each.address.advertised(), source.port};
        }
    }
    return std::nullopt;
}

node_ports::relay_address* node_ports::bound_to(const net::address& local) noexcept {
    const auto found = std::ranges::find_if(
        relay_addresses_, [&](const relay_address& each) noexcept { return each.address.local == local; });
    return found == relay_addresses_.end() ? nullptr : &*found;
}

bool node_ports::is_set(const relay_address& at, std::uint16_t port) noexcept {
    return (at.allocated[word_of(port)].load(std::memory_order_relaxed) & bit_of(port)) != 0;
}

}  // namespace turnix::turn
