#include "common/net/special_ranges.hpp"

#include <initializer_list>

namespace turnix::net {

namespace {

constexpr auto unreachable = {
    "0.0.0.0/8",           // this network, unspecified
    "127.0.0.0/8",         // loopback
    "169.254.0.0/16",      // link-local, clouds' metadata services
    "224.0.0.0/4",         // multicast
    "255.255.255.255/32",  // broadcast
    "::/128",              // unspecified
    "::1/128",             // loopback
    "fe80::/10",           // link-local
    "ff00::/8",            // multicast
};

constexpr auto special_purpose = {
    "10.0.0.0/8",        // private
    "100.64.0.0/10",     // carriers' shared addresses
    "172.16.0.0/12",     // private
    "192.0.0.0/24",      // protocol assignments
    "192.0.2.0/24",      // documentation
    "192.31.196.0/24",   // AS112
    "192.52.193.0/24",   // AMT
    "192.88.99.0/24",    // 6to4 relays
    "192.168.0.0/16",    // private
    "192.175.48.0/24",   // AS112
    "198.18.0.0/15",     // benchmarks
    "198.51.100.0/24",   // documentation
    "203.0.113.0/24",    // documentation
    "240.0.0.0/4",       // reserved
    "168.63.129.16/32",  // a cloud's host agent
    "::/3",              // this range and the next two: all but 2000::/3, which is global unicast
    "4000::/2",
    "8000::/1",
    "2001::/23",          // protocol assignments
    "2001:db8::/32",      // documentation
    "2002::/16",          // 6to4
    "2620:4f:8000::/48",  // AS112
    "3fff::/20",          // documentation
};

std::vector<cidr> parsed(std::initializer_list<const char*> texts) {
    std::vector<cidr> ranges;
    ranges.reserve(texts.size());
    for (const auto* const text : texts) ranges.push_back(cidr::parse(text).value());
    return ranges;
}

}  // namespace

std::vector<cidr> unreachable_ranges() { return parsed(unreachable); }

std::vector<cidr> special_purpose_ranges() { return parsed(special_purpose); }

}  // namespace turnix::net
