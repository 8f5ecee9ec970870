// What ICMP and ICMPv6 report about UDP datagrams that this host sent, from a raw socket: where datagrams
// leave without a socket of their own, no error queue tells it. RFC 792, RFC 4443.
//
//   | ICMP: type, code, checksum, data | IP header of the datagram | its UDP ports | … |
//
// Owned by an engine, used on its worker's thread.
#pragma once

#include "common/net/endpoint.hpp"
#include "relay/io/file_descriptor.hpp"
#include "relay/stun/attributes.hpp"

#include <cstddef>
#include <optional>
#include <span>

namespace turnix::io {

struct icmp_report {
    net::endpoint sent_from;
    net::endpoint sent_to;
    stun::icmp_error error;
};

/// A message of that family without the IP header that brought it. Nothing when it is no error, damaged, or
/// not about a UDP datagram whose ports it shows.
std::optional<icmp_report> read_icmp(net::family family, std::span<const std::byte> message) noexcept;

class icmp_reader {
  public:
    /// Throws std::system_error without CAP_NET_RAW.
    explicit icmp_reader(net::family family);

    [[nodiscard]] const file_descriptor& descriptor() const noexcept { return socket_; }

    enum class outcome : bool { empty, taken };
    /// Takes the next message; `report` is set when it says something of use.
    outcome next(std::optional<icmp_report>& report) noexcept;

  private:
    net::family family_;
    file_descriptor socket_;
};

}  // namespace turnix::io
