#include "daemon/capacity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace turnix::daemon {
namespace {

constexpr std::uint64_t descriptors_a_session = 2;
constexpr std::uint64_t session_bytes = 64 * 1024;
constexpr std::uint64_t descriptors_for_other_nodes = 256;  ///< connections of the fleet's channel
constexpr std::uint64_t descriptors_for_the_rest = 64;      ///< listeners, database, log, what OpenSSL opens

/// An eighth of the descriptors at most: on a small limit, calls go first.
std::uint64_t api_connections_of(const config::settings& settings, std::uint64_t descriptors) {
    return std::clamp<std::uint64_t>(descriptors / 8, 1, settings.api.connections_max);
}

std::uint64_t sessions_by_descriptors(const config::settings& settings, std::uint64_t descriptors) {
    const auto api = api_connections_of(settings, descriptors);
    const auto fleet =
        settings.node.gossip_address ? std::min(descriptors_for_other_nodes, descriptors / 16) : 0;
    const auto rest = api + fleet + descriptors_for_the_rest;
    return descriptors > rest ? (descriptors - rest) / descriptors_a_session : 0;
}

std::uint64_t sessions_by_ports(const contract::relay_settings& relay) {
    const auto addresses = std::max<std::size_t>(1, relay.addresses.size());
    return (relay.ports.last - relay.ports.first + std::uint64_t{1}) * addresses;
}

}  // namespace

capacity capacity_of(const config::settings& settings, const machine_room& room) {
    std::vector<std::pair<std::uint64_t, std::string>> bounds{
        {settings.relay.limits.sessions_max, "relay.limits.sessions_max"},
        {sessions_by_descriptors(settings, room.descriptors),
         fmt::format("{} descriptors (LimitNOFILE, ulimit -n)", room.descriptors)},
        {sessions_by_ports(settings.relay), "relay.ports"}};
    if (room.memory_bytes != 0) {
        bounds.emplace_back(room.memory_bytes / 2 / session_bytes,
                            fmt::format("{} MiB of memory", room.memory_bytes >> 20U));
    }
    const auto& [sessions, reason] =
        *std::ranges::min_element(bounds, {}, &std::pair<std::uint64_t, std::string>::first);
    return {.sessions = static_cast<std::uint32_t>(std::max<std::uint64_t>(1, sessions)),
            .api_connections = static_cast<std::uint32_t>(api_connections_of(settings, room.descriptors)),
            .reason = reason};
}

}  // namespace turnix::daemon
