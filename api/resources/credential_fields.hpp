// The parts of a credential as the API reads and writes them, in requests for one and in what is shown of it.
#pragma once

#include "api/resources/fields.hpp"
#include "common/contract/credential_override.hpp"
#include "common/credential/claims.hpp"

#include <boost/json/object.hpp>

#include <array>
#include <optional>
#include <string_view>

namespace turnix::api {

/// By the values of the enumerations in common/credential/claims.hpp.
inline constexpr std::array<std::string_view, 3> party_names{"any", "initiator", "receiver"};
inline constexpr std::array<std::string_view, 3> peer_scope_names{"any", "room", "relays"};
inline constexpr std::array<std::string_view, 2> on_expiry_names{"keep", "disconnect"};

/// What max_bitrate_bps and max_packets_per_second can be, of a credential and of a project.
inline constexpr integer_range bitrate_range{.least = 8'000, .most = 1'000'000'000'000};
inline constexpr integer_range packet_rate_range{.least = 10, .most = 1'000'000'000};

/// max_bitrate_bps, max_packets_per_second, max_bytes and max_allocations; null takes one away. What is
/// absent stays.
void read_limits(field_reader& fields, contract::limits_change& into);
/// What is changed of them.
boost::json::object to_json(const contract::limits_change& from);
boost::json::object to_json(const credential::limits& from);
/// An array of "udp", "tcp", "tls", "dtls".
boost::json::array to_json(const credential::transport_set& from);

}  // namespace turnix::api
