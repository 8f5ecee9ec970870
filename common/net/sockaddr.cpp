#include "common/net/sockaddr.hpp"

#include <cstring>

#include <arpa/inet.h>

namespace turnix::net {

socklen_t to_sockaddr(const endpoint& from, sockaddr_storage& out) noexcept {
    if (from.address.is_v4()) {
        sockaddr_in v4{};
        v4.sin_family = AF_INET;
        v4.sin_port = htons(from.port);
        std::memcpy(&v4.sin_addr, from.address.bytes().data(), sizeof v4.sin_addr);
        std::memcpy(&out, &v4, sizeof v4);
        return sizeof v4;
    }
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(from.port);
    std::memcpy(&v6.sin6_addr, from.address.bytes().data(), sizeof v6.sin6_addr);
    std::memcpy(&out, &v6, sizeof v6);
    return sizeof v6;
}

std::optional<endpoint> from_sockaddr(const sockaddr_storage& from, socklen_t length) noexcept {
    if (from.ss_family == AF_INET && length >= sizeof(sockaddr_in)) {
        sockaddr_in v4{};
        std::memcpy(&v4, &from, sizeof v4);
        address::v4_bytes bytes{};
        std::memcpy(bytes.data(), &v4.sin_addr, bytes.size());
        return endpoint{.address = address{bytes}, .port = ntohs(v4.sin_port)};
    }
    if (from.ss_family == AF_INET6 && length >= sizeof(sockaddr_in6)) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, &from, sizeof v6);
        address::v6_bytes bytes{};
        std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
        return endpoint{.address = address{bytes}, .port = ntohs(v6.sin6_port)};
    }
    return std::nullopt;
}

}  // namespace turnix::net
