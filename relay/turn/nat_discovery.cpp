#include "relay/turn/nat_discovery.hpp"

#include <algorithm>

namespace turnix::turn {

std::array<net::endpoint, 4> discovery_places(const contract::nat_discovery_settings& settings) noexcept {
    const auto& [primary, alternate] = settings;
    return {primary, {primary.address, alternate.port}, {alternate.address, primary.port}, alternate};
}

std::optional<net::endpoint> opposite_place(const contract::relay_settings& settings,
                                            const client_path& path) noexcept {
    if (!settings.nat_discovery || path.transport != net::transport::udp) return std::nullopt;
    const auto places = discovery_places(*settings.nat_discovery);
    const auto at = std::ranges::find(places, path.server);
    if (at == places.end()) return std::nullopt;
    return *(places.rbegin() + (at - places.begin()));  // opposites are as far from either end
}

net::endpoint as_clients_see(const contract::relay_settings& settings, const net::endpoint& place) noexcept {
    const auto known =
        std::ranges::find(settings.addresses, place.address, &contract::relay_address_settings::local);
    return {known == settings.addresses.end() ? place.address : known->advertised(), place.port};
}

}  // namespace turnix::turn
