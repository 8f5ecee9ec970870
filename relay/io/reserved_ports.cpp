#include "relay/io/reserved_ports.hpp"

#include <charconv>
#include <cstdint>
#include <fstream>
#include <string>

namespace turnix::io {

namespace {

/// The number that the text begins with, which is taken off it; 0 when there is none.
std::uint16_t take_number(std::string_view& text) noexcept {
    std::uint16_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return error == std::errc{} ? number : std::uint16_t{0};
}

}  // namespace

bool covers(std::string_view reserved, const contract::port_range& range) noexcept {
    // The kernel merges neighbours: a range that is reserved stands in one entry.
    while (!reserved.empty()) {
        const std::uint16_t first = take_number(reserved);
        std::uint16_t last = first;
        if (reserved.starts_with('-')) {
            reserved.remove_prefix(1);
            last = take_number(reserved);
        }
        if (first != 0 && first <= range.first && range.last <= last) return true;
        const auto next = reserved.find(',');
        if (next == std::string_view::npos) return false;
        reserved.remove_prefix(next + 1);
    }
    return false;
}

bool are_reserved(const contract::port_range& range) {
    std::ifstream file{"/proc/sys/net/ipv4/ip_local_reserved_ports"};
    std::string list;
    std::getline(file, list);
    return covers(list, range);
}

}  // namespace turnix::io
