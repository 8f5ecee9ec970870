#include "common/net/endpoint.hpp"

#include <charconv>

namespace turnix::net {

result<endpoint, parse_error> endpoint::parse(std::string_view text) noexcept {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return parse_error::not_an_endpoint;
    auto host = text.substr(0, colon);
    const auto digits = text.substr(colon + 1);

    std::uint16_t port{};
    const auto* const end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, port);
    if (digits.empty() || error != std::errc{} || stop != end) return parse_error::not_an_endpoint;

    const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) host = host.substr(1, host.size() - 2);
    const auto parsed = address::parse(host);
    if (!parsed || parsed->is_v6() != bracketed) return parse_error::not_an_endpoint;
    return endpoint{.address = *parsed, .port = port};
}

std::string endpoint::to_string() const {
    const auto host = address.to_string();
    return (address.is_v6() ? '[' + host + ']' : host) + ':' + std::to_string(port);
}

std::string_view to_string(transport value) noexcept {
    switch (value) {
        case transport::udp:
            return "udp";
        case transport::tcp:
            return "tcp";
        case transport::tls:
            return "tls";
        case transport::dtls:
            return "dtls";
    }
    return "unknown";
}

}  // namespace turnix::net

std::size_t std::hash<turnix::net::endpoint>::operator()(const turnix::net::endpoint& value) const noexcept {
    const auto address_hash = std::hash<turnix::net::address>{}(value.address);
    return address_hash ^ (std::size_t{value.port} * 0x9e3779b97f4a7c15ULL);
}
