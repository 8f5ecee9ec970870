#include "relay/io/interfaces.hpp"

#include "common/net/cidr.hpp"
#include "common/net/sockaddr.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

#include <ifaddrs.h>
#include <net/if.h>

namespace turnix::io {

namespace {

std::optional<net::address> address_of(const sockaddr* given) noexcept {
    if (given == nullptr) return std::nullopt;
    const bool v4 = given->sa_family == AF_INET;
    if (!v4 && given->sa_family != AF_INET6) return std::nullopt;
    sockaddr_storage copy{};
    const socklen_t length = v4 ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
    std::memcpy(&copy, given, length);
    const auto endpoint = net::from_sockaddr(copy, length);
    return endpoint ? std::optional{endpoint->address} : std::nullopt;
}

bool is_link_local(const net::address& address) {
    static const auto v4 = net::cidr::parse("169.254.0.0/16").value();
    static const auto v6 = net::cidr::parse("fe80::/10").value();
    return v4.contains(address) || v6.contains(address);
}

}  // namespace

std::vector<net::address> interface_addresses() {
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) != 0) {
        throw std::system_error{errno, std::generic_category(), "cannot list the network interfaces"};
    }
    const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner{list, &::freeifaddrs};
    std::vector<net::address> addresses;
    for (const ifaddrs* at = list; at != nullptr; at = at->ifa_next) {
        if ((at->ifa_flags & IFF_UP) == 0) continue;
        const auto address = address_of(at->ifa_addr);
        if (!address || is_link_local(*address)) continue;
        if (std::ranges::find(addresses, *address) == addresses.end()) addresses.push_back(*address);
    }
    return addresses;
}

}  // namespace turnix::io
