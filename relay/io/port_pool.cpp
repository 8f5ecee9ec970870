#include "relay/io/port_pool.hpp"

#include <array>
#include <cassert>
#include <cstring>
#include <new>
#include <utility>

namespace turnix::io {

namespace {

/// Ports drawn at random on each address, before ranges are walked through from a random place.
constexpr int random_draws_max = 24;
/// Ports that other programs hold, tried in one walk: each costs a bind while packets wait.
constexpr int walk_binds_max = 256;

/// A bound socket that no engine serves yet.
struct reserved_socket final : turn::reserved_port {
    reserved_socket(file_descriptor bound, const contract::relay_address_settings& at, std::uint16_t number)
        : socket{std::move(bound)}, address{at}, port{number} {}
    reserved_socket(const reserved_socket&) = delete;
    reserved_socket& operator=(const reserved_socket&) = delete;
    ~reserved_socket() override {
        if (listed_in != nullptr) listed_in->closed({.address = address.local, .port = port});
    }

    file_descriptor socket;
    contract::relay_address_settings address;
    std::uint16_t port;
    turn::node_ports* listed_in{nullptr};  ///< while an allocation has it
};

}  // namespace

port_pool::port_pool(datagram_engine& engine, tcp_relay& tcp, turn::node_ports& node,
                     std::vector<contract::relay_address_settings> addresses, contract::port_range range)
    : engine_{engine}, tcp_{tcp}, node_{node}, addresses_{std::move(addresses)}, range_{range} {
    assert(range.first <= range.last);
}

result<turn::relay_port, turn::port_error> port_pool::open(const turn::port_request& request) {
    const candidates any{.first = range_.first, .step = 1, .count = range_.last - range_.first + 1U};
    return search(request, request.even ? even_ports(0) : any,
                  [&](const relay_address& address, std::uint16_t port) {
                      return request.tcp ? bind_tcp(address, port) : bind(address, port);
                  });
}

result<turn::port_pair, turn::port_error> port_pool::open_pair(const turn::port_request& request) {
    return search(request, even_ports(1), [this](const relay_address& address, std::uint16_t port) {
        return bind_pair(address, port);
    });
}

result<turn::relay_port, turn::port_error> port_pool::open_reserved(
    std::unique_ptr<turn::reserved_port> reserved) {
    // Whichever worker reserved it, its pool made it.
    auto& held = static_cast<reserved_socket&>(*reserved);
    const auto handle = engine_.adopt_relay(std::move(held.socket), held.address.local.family());
    if (!handle) return turn::port_error::insufficient;
    const auto taken_up = opened(*handle, held.address, held.port);
    held.listed_in = nullptr;
    return taken_up;
}

std::unique_ptr<turn::reserved_port> port_pool::release(turn::relay_handle handle) {
    const auto& released = open_[handle.index];
    auto held = std::make_unique<reserved_socket>(file_descriptor{}, released.address, released.port);
    held->socket = engine_.release_relay(handle);
    held->listed_in = &node_;
    return held;
}

port_pool::candidates port_pool::even_ports(std::uint16_t followers) const noexcept {
    const std::uint32_t first = range_.first + range_.first % 2U;
    const std::uint32_t last = range_.last;
    if (first + followers > last) return {};
    return {
        .first = static_cast<std::uint16_t>(first), .step = 2, .count = (last - followers - first) / 2U + 1U};
}

template <class Bind>
auto port_pool::search(const turn::port_request& request, const candidates& ports, Bind bind)
    -> found_by<Bind> {
    auto drawn = on_first(request, [&](const relay_address& at) { return draw_on(at, ports, bind); });
    if (drawn || drawn.error() == turn::port_error::family_not_served) return drawn;
    // All nearly full, or nearly all taken by others. Only now: to walk through a full address takes long.
    return on_first(request, [&](const relay_address& at) { return walk_on(at, ports, bind); });
}

template <class Look>
auto port_pool::on_first(const turn::port_request& request, Look look)
    -> result<typename std::invoke_result_t<Look, relay_address>::value_type, turn::port_error> {
    // The address that the client spoke to is known to be reachable for it: it goes first.
    bool family_served = false;
    for (const bool preferred : {true, false}) {
        for (const auto& address : addresses_) {
            if (address.local.family() != request.family) continue;
            family_served = true;
            if ((address.local == request.server) != preferred) continue;
            auto found = look(address);
            if (found) return std::move(*found);
        }
    }
    return family_served ? turn::port_error::insufficient : turn::port_error::family_not_served;
}

template <class Bind>
auto port_pool::draw_on(const relay_address& address, const candidates& ports, Bind bind)
    -> std::invoke_result_t<Bind, relay_address, std::uint16_t> {
    for (int draw = 0; draw < random_draws_max && ports.count > 0; ++draw) {
        const auto port = ports.at(random_below(ports.count));
        if (is_open(address, port)) continue;
        auto bound = bind(address, port);
        if (bound || bound.error() != bind_error::in_use) return bound;
    }
    return bind_error::in_use;
}

template <class Bind>
auto port_pool::walk_on(const relay_address& address, const candidates& ports, Bind bind)
    -> std::invoke_result_t<Bind, relay_address, std::uint16_t> {
    if (ports.count == 0) return bind_error::in_use;
    const std::uint32_t start = random_below(ports.count);
    int binds = 0;
    for (std::uint32_t step = 0; step < ports.count && binds < walk_binds_max; ++step) {
        const auto port = ports.at((start + step) % ports.count);
        if (is_open(address, port)) continue;
        ++binds;
        auto bound = bind(address, port);
        if (bound || bound.error() != bind_error::in_use) return bound;
    }
    return bind_error::in_use;
}

std::uint32_t port_pool::random_below(std::uint32_t count) noexcept {
    const auto bytes = random_.take<std::array<std::byte, sizeof(std::uint64_t)>>();
    std::uint64_t drawn{};
    std::memcpy(&drawn, bytes.data(), sizeof drawn);
    return static_cast<std::uint32_t>(drawn % count);
}

bool port_pool::is_open(const relay_address& address, std::uint16_t port) const noexcept {
    return node_.advertised_of({.address = address.local, .port = port}).has_value();
}

result<turn::relay_port, bind_error> port_pool::bind(const relay_address& address, std::uint16_t port) {
    const auto handle = engine_.open_relay({.address = address.local, .port = port});
    if (!handle) return handle.error();
    return opened(*handle, address, port);
}

result<turn::relay_port, bind_error> port_pool::bind_tcp(const relay_address& address, std::uint16_t port) {
    auto bound = bind(address, port);
    if (!bound) return bound;
    const auto failure = tcp_.open(bound->handle, bound->local);
    if (!failure) return bound;
    close(bound->handle);
    return *failure;
}

result<turn::port_pair, bind_error> port_pool::bind_pair(const relay_address& address, std::uint16_t port) {
    const auto next_port = static_cast<std::uint16_t>(port + 1);
    if (is_open(address, next_port)) return bind_error::in_use;
    auto next = open_relay_socket({.address = address.local, .port = next_port});
    if (!next) return next.error();
    auto reserved = std::make_unique<reserved_socket>(std::move(*next), address, next_port);
    const auto even = bind(address, port);
    if (!even) return even.error();
    return turn::port_pair{.even = *even, .next = std::move(reserved)};
}

turn::relay_port port_pool::opened(turn::relay_handle handle, const relay_address& address,
                                   std::uint16_t port) {
    try {
        if (open_.size() <= handle.index) open_.resize(handle.index + 1U);
    } catch (const std::bad_alloc&) {
        engine_.close_relay(handle);
        throw;
    }
    open_[handle.index] = {.address = address, .port = port};
    const auto local = open_[handle.index].local();
    node_.opened(local);
    return {.handle = handle, .local = local, .advertised = {.address = address.advertised(), .port = port}};
}

void port_pool::close(turn::relay_handle handle) noexcept {
    // In this order: once the socket is closed, another worker may open the port and say so.
    node_.closed(open_[handle.index].local());
    tcp_.close(handle);
    engine_.close_relay(handle);
}

}  // namespace turnix::io
