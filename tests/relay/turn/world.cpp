#include "tests/relay/turn/world.hpp"

#include <algorithm>
#include <ranges>

namespace turnix::turn_test {

result<turn::relay_port, turn::port_error> fake_relay_ports::open(const turn::port_request& request) {
    requests.push_back(request);
    const auto at = std::ranges::find(settings_.addresses, request.family,
                                      [](const auto& candidate) { return candidate.local.family(); });
    if (at == settings_.addresses.end()) return turn::port_error::family_not_served;
    if (open_.size() >= ports_max) return turn::port_error::insufficient;

    std::uint32_t index = 0;
    while (open_.contains(index)) ++index;
    const auto port = next_port_;
    next_port_ = port == 65'535 ? 50'000 : static_cast<std::uint16_t>(port + 1);
    const net::endpoint local{at->local, port};
    open_.emplace(index, local);
    node_.opened(local);
    return turn::relay_port{.handle = {index}, .local = local, .advertised = {at->advertised(), port}};
}

void fake_relay_ports::close(turn::relay_handle handle) noexcept {
    node_.closed(open_.at(handle.index));
    open_.erase(handle.index);
}

contract::relay_settings default_settings() {
    contract::relay_settings settings;
    settings.realm = "realm123";
    settings.addresses = {{.local = ip("192.0.2.10"), .external = ip("203.0.113.10")},
                          {.local = ip("2001:db8::10"), .external = std::nullopt}};
    settings.limits.sessions_max = 1000;
    return settings;
}

namespace {

contract::relay_settings adjusted(const world::adjustment& adjust) {
    auto settings = default_settings();
    adjust(settings);
    return settings;
}

const std::vector<net::address> listeners{ip("192.0.2.1"), ip("2001:db8::1")};

// Seeded, so that every run sees the same ids.
struct seeded_bytes {
    std::mt19937 generator{20'260'101};
    void operator()(std::span<std::byte> bytes) {
        std::ranges::generate(bytes, [this] { return static_cast<std::byte>(generator() & 0xffU); });
    }
};

}  // namespace

world::world(const adjustment& adjust)
    : settings{adjusted(adjust)},
      keys{std::make_shared<const credential::key_ring>(
          credential::key_ring::generate(now, std::chrono::days{3650}))},
      sealer{keys, settings.realm},
      admission{settings, turn::node_secrets::random()},
      own_ports{settings.addresses, listeners},
      ports{settings, own_ports},
      server{{.settings = settings,
              .keys = keys,
              .admission = admission,
              .own_ports = own_ports,
              .ports = ports,
              .observer = observer,
              .random = seeded_bytes{}}} {}

void world::pass(std::chrono::seconds time) {
    for (auto left = time; left > 0s; left -= 1s) jump(1s);
}

void world::jump(std::chrono::seconds time) {
    now.monotonic += time;
    now.wall += time;
    server.on_tick(now);
}

credential::claims world::claims() const {
    credential::claims made;
    made.id = credential_id::random();
    made.project = project_id::random();
    made.token = token_id::random();
    made.issued_at = std::chrono::floor<std::chrono::seconds>(now.wall);
    made.expires_at = made.issued_at + 1h;
    made.sessions_end_at = made.issued_at + 24h;
    made.room = "room";
    return made;
}

credential::issued_credential world::issue(const credential::claims& claims) {
    return sealer.issue(claims, now.wall).value();
}

}  // namespace turnix::turn_test
