// A relay that protects nobody: ChannelData goes to the peer and back by the cheapest way that sockets offer
// (the one of turnixd's shared engine), and every request is granted. It shows what the kernel leaves to win.
//
// IPv4; clients are told apart by their port, so they share one address. One thread.
#pragma once

#include "common/net/endpoint.hpp"
#include "relay/io/file_descriptor.hpp"
#include "relay/io/port_steering.hpp"
#include "relay/stun/message_view.hpp"
#include "relay/stun/message_writer.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <netinet/in.h>

#include "bench/forwarder/datagram_run.hpp"

namespace turnix::bench {

class forwarder {
  public:
    /// Listens and relays there; hands out relay ports from `first_port` upwards, and none twice. Throws
    /// std::system_error without the rights that the shared engine needs.
    forwarder(const net::address& at, std::uint16_t first_port);

    [[nodiscard]] net::endpoint listening_at() const;
    /// Never returns.
    [[noreturn]] void serve();

  private:
    static constexpr std::size_t ports = 65'536;

    struct allocation {
        sockaddr_in client{};
        std::uint16_t relay_port{0};  ///< 0: none
        net::endpoint peer{};
    };

    void relay_from_clients();
    void relay_from_peers();
    void answer(const stun::message_view& request, const sockaddr_in& client);
    /// What this request wants; adds to the answer what it asks for.
    void grant(const stun::message_view& request, allocation& to, stun::message_writer& answer);

    net::address at_;
    std::uint16_t next_port_;
    io::file_descriptor listener_;
    io::file_descriptor steered_;
    io::file_descriptor raw_;
    io::port_steering steering_;
    std::vector<allocation> by_client_port_ = std::vector<allocation>(ports);
    std::vector<std::uint16_t> client_port_of_ = std::vector<std::uint16_t>(ports);  ///< by relay port
    datagram_run run_;
};

}  // namespace turnix::bench
