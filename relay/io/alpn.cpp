#include "relay/io/alpn.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace turnix::io {

namespace {

constexpr std::array<std::string_view, 2> spoken{"stun.turn", "stun.nat-discovery"};

std::span<const unsigned char> find(std::span<const unsigned char> offered, std::string_view name) noexcept {
    while (!offered.empty() && offered.front() < offered.size()) {
        const auto each = offered.subspan(1, offered.front());
        if (std::ranges::equal(each, name)) return each;
        offered = offered.subspan(1 + each.size());
    }
    return {};
}

}  // namespace

std::span<const unsigned char> choose_protocol(std::span<const unsigned char> offered) noexcept {
    for (const std::string_view name : spoken) {
        if (const auto found = find(offered, name); !found.empty()) return found;
    }
    return {};
}

}  // namespace turnix::io
