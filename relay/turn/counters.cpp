#include "relay/turn/counters.hpp"

#include <algorithm>
#include <functional>

namespace turnix::turn {

namespace {

template <std::size_t Size>
void add(std::array<std::uint64_t, Size>& sums, const std::array<std::uint64_t, Size>& other) noexcept {
    std::ranges::transform(sums, other, sums.begin(), std::plus{});
}

template <std::size_t Size>
std::array<std::uint64_t, Size> values_of(const std::array<telemetry::counter, Size>& counters) noexcept {
    std::array<std::uint64_t, Size> values{};
    std::ranges::transform(counters, values.begin(), &telemetry::counter::value);
    return values;
}

}  // namespace

std::string_view to_string(drop_reason value) noexcept {
    switch (value) {
        case drop_reason::malformed:
            return "malformed";
        case drop_reason::not_a_request:
            return "not_a_request";
        case drop_reason::unknown_method:
            return "unknown_method";
        case drop_reason::unknown_attribute:
            return "unknown_attribute";
        case drop_reason::unknown_allocation:
            return "unknown_allocation";
        case drop_reason::unknown_channel:
            return "unknown_channel";
        case drop_reason::no_permission:
            return "no_permission";
        case drop_reason::peer_denied:
            return "peer_denied";
        case drop_reason::too_long:
            return "too_long";
        case drop_reason::unauthorized_budget:
            return "unauthorized_budget";
        case drop_reason::integrity_budget:
            return "integrity_budget";
        case drop_reason::moving:
            return "moving";
        case drop_reason::no_client:
            return "no_client";
        case drop_reason::icmp_not_told:
            return "icmp_not_told";
        case drop_reason::wrong_protocol:
            return "wrong_protocol";
        case drop_reason::connection_quota:
            return "connection_quota";
        case drop_reason::overload:
            return "overload";
        case drop_reason::over_quota:
            return "over_quota";
        case drop_reason::over_packet_rate:
            return "over_packet_rate";
        case drop_reason::out_of_memory:
            return "out_of_memory";
    }
    return "unknown";
}

std::uint64_t server_totals::errors_of(std::uint16_t code) const noexcept {
    return errors[code - error_code_first];
}

std::uint64_t server_totals::drops_of(drop_reason reason) const noexcept {
    return drops[static_cast<std::size_t>(reason)];
}

server_totals& server_totals::operator+=(const server_totals& other) noexcept {
    add(requests, other.requests);
    add(errors, other.errors);
    add(drops, other.drops);
    relayed.uplink_packets += other.relayed.uplink_packets;
    relayed.uplink_bytes += other.relayed.uplink_bytes;
    relayed.downlink_packets += other.relayed.downlink_packets;
    relayed.downlink_bytes += other.relayed.downlink_bytes;
    return *this;
}

void server_counters::count_request(std::uint16_t method) noexcept {
    if (method < requests_.size()) requests_[method].add();
}

void server_counters::count_error(std::uint16_t code) noexcept {
    errors_[code - server_totals::error_code_first].add();
}

server_totals server_counters::totals() const noexcept {
    return {.requests = values_of(requests_),
            .errors = values_of(errors_),
            .drops = values_of(drops_),
            .relayed = {.uplink_packets = uplink_packets_.value(),
                        .uplink_bytes = uplink_bytes_.value(),
                        .downlink_packets = downlink_packets_.value(),
                        .downlink_bytes = downlink_bytes_.value()}};
}

}  // namespace turnix::turn
