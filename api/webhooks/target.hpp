// Where a webhook may be sent: an https URL, and addresses of the public Internet unless private ones are
// configured to be allowed.
#pragma once

#include "common/net/address.hpp"
#include "common/net/cidr.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace turnix::webhooks {

inline constexpr std::size_t url_bytes_max = 2'000;

struct target {
    bool tls{true};
    std::string host;  ///< a name, or an address without brackets
    std::uint16_t port{443};
    std::string path;  ///< with the query; "/" at least
    /// What the Host field says: the port only when it is not the scheme's.
    [[nodiscard]] std::string authority() const;
};

class target_policy {
  public:
    /// With `allow_private` plain http and every address is good.
    explicit target_policy(bool allow_private);

    /// Nothing unless it is such a URL, without user and password, and its host is no address that is
    /// refused.
    [[nodiscard]] std::optional<target> read(std::string_view url) const;
    [[nodiscard]] bool allows(const net::address& address) const;

  private:
    bool allow_private_;
    std::vector<net::cidr> refused_;
};

}  // namespace turnix::webhooks
