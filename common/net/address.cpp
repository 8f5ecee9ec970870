#include "common/net/address.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include <arpa/inet.h>

namespace turnix::net {

std::string_view to_string(family value) noexcept { return value == family::ipv4 ? "IPv4" : "IPv6"; }

std::string_view to_string(parse_error value) noexcept {
    switch (value) {
        case parse_error::not_an_address:
            return "not an IPv4 or IPv6 address";
        case parse_error::not_an_endpoint:
            return "not an address with a port, such as 192.0.2.1:3478 or [2001:db8::1]:3478";
        case parse_error::not_a_prefix:
            return "not an address range in CIDR notation, such as 10.0.0.0/8";
        case parse_error::prefix_too_long:
            return "the prefix is longer than the address";
        case parse_error::host_bits_set:
            return "the address has bits set beyond the prefix length";
    }
    return "unknown error";
}

void throw_exception_from_error(parse_error error, const boost::source_location& /*where*/) {
    throw std::invalid_argument{std::string{to_string(error)}};
}

result<address, parse_error> address::parse(std::string_view text) noexcept {
    std::array<char, INET6_ADDRSTRLEN + 1> terminated{};
    if (text.size() >= terminated.size()) return parse_error::not_an_address;
    std::copy(text.begin(), text.end(), terminated.begin());
    if (std::memchr(terminated.data(), '\0', terminated.size()) != terminated.data() + text.size()) {
        return parse_error::not_an_address;
    }
    v4_bytes v4{};
    if (inet_pton(AF_INET, terminated.data(), v4.data()) == 1) return address{v4};
    v6_bytes v6{};
    if (inet_pton(AF_INET6, terminated.data(), v6.data()) == 1) return address{v6};
    return parse_error::not_an_address;
}

bool address::is_unspecified() const noexcept {
    return std::ranges::all_of(bytes(), [](std::uint8_t byte) { return byte == 0; });
}

bool address::is_loopback() const noexcept {
    if (is_v4()) return bytes_[0] == 127;
    return bytes_[15] == 1 &&
           std::all_of(bytes_.begin(), bytes_.end() - 1, [](std::uint8_t byte) { return byte == 0; });
}

std::string address::to_string() const {
    std::array<char, INET6_ADDRSTRLEN> text{};
    inet_ntop(is_v4() ? AF_INET : AF_INET6, bytes_.data(), text.data(), static_cast<socklen_t>(text.size()));
    return text.data();
}

}  // namespace turnix::net

namespace {

// Mixes 64 bits so that neighbouring addresses spread over a table (splitmix64's finaliser).
std::uint64_t mixed(std::uint64_t value) noexcept {
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
    return value ^ (value >> 31);
}

}  // namespace

std::size_t std::hash<turnix::net::address>::operator()(const turnix::net::address& value) const noexcept {
    std::array<std::uint64_t, 2> halves{};
    const auto bytes = value.bytes();
    std::memcpy(halves.data(), bytes.data(), bytes.size());
    return mixed(halves[0] ^ mixed(halves[1] + static_cast<std::uint64_t>(value.family())));
}
