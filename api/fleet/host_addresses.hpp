// The addresses of the hosts of regions.yaml. Names are looked up as they are first asked for and again every
// minute; what was found last counts until something else is found.
//
// Looking up waits on a thread of Asio's own, one name after the other. The executor's thread.
#pragma once

#include "common/clock/instant.hpp"
#include "common/net/address.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/udp.hpp>

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace turnix::fleet {

class host_addresses {
  public:
    static constexpr std::chrono::seconds refresh_interval{60};

    /// Outlives the last run of its executor.
    explicit host_addresses(const boost::asio::any_io_executor& executor) : resolver_{executor} {}

    /// At most one of each family; nothing for a name that has not been found yet.
    [[nodiscard]] std::vector<net::address> of(const std::string& host, monotonic_time now);

  private:
    struct entry {
        std::vector<net::address> addresses;
        monotonic_time due;  ///< when it is looked up again
    };

    void look_up(const std::string& host);

    boost::asio::ip::udp::resolver resolver_;
    std::map<std::string, entry> known_;
};

}  // namespace turnix::fleet
