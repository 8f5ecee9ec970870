#include "api/resources/credential_fields.hpp"

#include "common/net/endpoint.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <limits>

namespace turnix::api {

namespace {

namespace json = boost::json;

template <class Number>
void read_limit(field_reader& fields, std::string_view name, integer_range range,
                std::optional<Number>& into) {
    if (!fields.has(name)) return;
    std::optional<Number> value;
    fields.number(name, range, value);
    into = value.value_or(Number{0});
}

template <class Number>
json::value limit_or_null(Number limit) {
    return limit == 0 ? json::value(nullptr) : json::value(limit);
}

}  // namespace

void read_limits(field_reader& fields, contract::limits_change& into) {
    read_limit(fields, "max_bitrate_bps", bitrate_range, into.bitrate_bps_max);
    read_limit(fields, "max_packets_per_second", packet_rate_range, into.packets_per_second_max);
    read_limit(fields, "max_bytes", {.least = 1}, into.bytes_max);
    read_limit(fields, "max_allocations", {.least = 1, .most = std::numeric_limits<std::uint16_t>::max()},
               into.allocations_max);
}

json::object to_json(const contract::limits_change& from) {
    json::object changed;
    if (from.bitrate_bps_max) changed["max_bitrate_bps"] = limit_or_null(*from.bitrate_bps_max);
    if (from.packets_per_second_max)
        changed["max_packets_per_second"] = limit_or_null(*from.packets_per_second_max);
    if (from.bytes_max) changed["max_bytes"] = limit_or_null(*from.bytes_max);
    if (from.allocations_max) changed["max_allocations"] = limit_or_null(*from.allocations_max);
    return changed;
}

json::object to_json(const credential::limits& from) {
    return {{"max_bitrate_bps", limit_or_null(from.bitrate_bps_max)},
            {"max_packets_per_second", limit_or_null(from.packets_per_second_max)},
            {"max_bytes", limit_or_null(from.bytes_max)},
            {"max_allocations", limit_or_null(from.allocations_max)}};
}

json::array to_json(const credential::transport_set& from) {
    json::array names;
    for (const auto each :
         {net::transport::udp, net::transport::tcp, net::transport::tls, net::transport::dtls}) {
        if (from.contains(each)) names.emplace_back(net::to_string(each));
    }
    return names;
}

}  // namespace turnix::api
