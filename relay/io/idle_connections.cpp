#include "relay/io/idle_connections.hpp"

#include "common/net/source.hpp"

namespace turnix::io {

idle_lease::~idle_lease() {
    if (from_ != nullptr) from_->give_back(source_);
}

void idle_connections::change(std::uint16_t per_source_max) {
    const std::lock_guard lock{guard_};
    per_source_max_ = per_source_max;
}

std::optional<idle_lease> idle_connections::admit(const net::address& client) {
    const net::address source = net::source_of(client);
    const std::lock_guard lock{guard_};
    const auto at = counts_.try_emplace(source, 0).first;
    if (at->second >= per_source_max_) return std::nullopt;
    ++at->second;
    return idle_lease{*this, source};
}

idle_lease idle_connections::readmit(const net::address& client) {
    const net::address source = net::source_of(client);
    const std::lock_guard lock{guard_};
    ++counts_[source];
    return {*this, source};
}

void idle_connections::give_back(const net::address& source) noexcept {
    const std::lock_guard lock{guard_};
    const auto at = counts_.find(source);
    if (--at->second == 0) counts_.erase(at);
}

}  // namespace turnix::io
