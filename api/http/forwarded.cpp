#include "api/http/forwarded.hpp"

#include <algorithm>

namespace turnix::http {

namespace {

std::string_view trimmed(std::string_view text) noexcept {
    constexpr std::string_view blanks = " \t";
    const auto first = std::min(text.find_first_not_of(blanks), text.size());
    text.remove_prefix(first);
    return text.substr(0, text.find_last_not_of(blanks) + 1);
}

}  // namespace

net::address client_address(const net::address& peer, std::string_view forwarded_for,
                            std::span<const net::cidr> trusted_proxies) {
    auto believed = peer;
    const auto is_trusted = [&](const net::cidr& range) { return range.contains(believed); };
    while (!forwarded_for.empty() && std::ranges::any_of(trusted_proxies, is_trusted)) {
        const auto comma = forwarded_for.rfind(',');
        const auto last = comma == std::string_view::npos ? forwarded_for : forwarded_for.substr(comma + 1);
        const auto named = net::address::parse(trimmed(last));
        if (named.has_error()) break;
        believed = *named;
        forwarded_for = forwarded_for.substr(0, comma == std::string_view::npos ? 0 : comma);
    }
    return believed;
}

}  // namespace turnix::http
