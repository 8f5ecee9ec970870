// What one worker's protocol core did, for metrics. Written on its thread, read from any: relaxed.
#pragma once

#include "common/contract/session_event.hpp"
#include "common/telemetry/counter.hpp"
#include "relay/turn/connection_meter.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace turnix::turn {

/// Why something that arrived had no effect and no answer.
enum class drop_reason : std::uint8_t {
    malformed,            ///< neither STUN nor channel data, or not well-formed
    not_a_request,        ///< a response, or an indication that is not for a server
    unknown_method,       ///< a request that this server does not serve
    unknown_attribute,    ///< an indication with a comprehension-required attribute that is not served
    unknown_allocation,   ///< data on a 5-tuple, or at a relay port, without allocation
    unknown_channel,      ///< channel data on a number that is not bound
    no_permission,        ///< data from or to a peer without permission
    peer_denied,          ///< the peer policy forbids it, or no relay port of this node is open there
    too_long,             ///< a peer's datagram that fits no Data indication
    unauthorized_budget,  ///< a 401, 438, 400 or Binding answer beyond its source's budget or stranger_share
    integrity_budget,     ///< failed integrity beyond the source's budget
    moving,               ///< what came while its session moved here from another worker, beyond what is kept
    no_client,            ///< data for a mobile client that has no connection at this moment
    icmp_not_told,        ///< an ICMP error of a type that is none of the client's, or beyond its rate
    wrong_protocol,       ///< a datagram to or from an allocation that relays TCP, or the other way round
    connection_quota,     ///< a peer's TCP connection beyond what one allocation may have
    overload,             ///< of a stranger while memory or descriptors run out
    over_quota,           ///< beyond the bit rate or the volume of its credential or its project
    over_packet_rate,     ///< beyond the packet rate of its credential or its project
    out_of_memory,        ///< there was no memory for what it asks
};
inline constexpr std::size_t drop_reasons = 20;

/// The enumerator's name: stable text for metrics.
std::string_view to_string(drop_reason value) noexcept;

/// The error codes that RFC 8489, 8656, 6062, 8016 and 5780 let a server give, with their stable text.
inline constexpr std::array<std::pair<std::uint16_t, std::string_view>, 18> error_code_texts{{
    {300, "300"},
    {400, "400"},
    {401, "401"},
    {403, "403"},
    {405, "405"},
    {420, "420"},
    {437, "437"},
    {438, "438"},
    {440, "440"},
    {441, "441"},
    {442, "442"},
    {443, "443"},
    {446, "446"},
    {447, "447"},
    {486, "486"},
    {487, "487"},
    {500, "500"},
    {508, "508"},
}};

/// Sums, as they were at some moment; those of several workers can be added up.
struct server_totals {
    static constexpr std::uint16_t error_code_first = 300;
    static constexpr std::size_t error_codes = 300;
    static constexpr std::size_t methods = 16;

    std::array<std::uint64_t, methods> requests{};    ///< by STUN method
    std::array<std::uint64_t, error_codes> errors{};  ///< by error code, less error_code_first
    std::array<std::uint64_t, drop_reasons> drops{};  ///< by drop_reason
    contract::traffic_counters relayed;

    [[nodiscard]] std::uint64_t errors_of(std::uint16_t code) const noexcept;
    [[nodiscard]] std::uint64_t drops_of(drop_reason reason) const noexcept;
    server_totals& operator+=(const server_totals& other) noexcept;
};

class server_counters {
  public:
    /// `method` is a STUN method number; those from 16 on are not counted.
    void count_request(std::uint16_t method) noexcept;
    /// `code` is 300 to 599.
    void count_error(std::uint16_t code) noexcept;
    void count_drop(drop_reason reason) noexcept { drops_[static_cast<std::size_t>(reason)].add(); }
    void count_uplink(std::size_t payload_bytes) noexcept {
        uplink_packets_.add();
        uplink_bytes_.add(payload_bytes);
    }
    void count_downlink(std::size_t payload_bytes) noexcept {
        downlink_packets_.add();
        downlink_bytes_.add(payload_bytes);
    }

    /// What TCP connections with peers have relayed since they were last asked.
    void count_connections(const relayed_bytes& fresh) noexcept {
        uplink_bytes_.add(fresh.uplink);
        downlink_bytes_.add(fresh.downlink);
    }

    /// Any thread.
    [[nodiscard]] server_totals totals() const noexcept;

  private:
    std::array<telemetry::counter, server_totals::methods> requests_;
    std::array<telemetry::counter, server_totals::error_codes> errors_;
    std::array<telemetry::counter, drop_reasons> drops_;
    telemetry::counter uplink_packets_;
    telemetry::counter uplink_bytes_;
    telemetry::counter downlink_packets_;
    telemetry::counter downlink_bytes_;
};

}  // namespace turnix::turn
