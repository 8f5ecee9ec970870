#include "tests/relay/turn/world.hpp"

#include <algorithm>
#include <ranges>
#include <utility>

namespace turnix::turn_test {

struct fake_relay_ports::held_port final : turn::reserved_port {
    held_port(fake_relay_ports& of, const net::endpoint& at, turn::node_ports* in)
        : pool{of}, local{at}, listed_in{in} {
        ++pool.reserved_;
    }
    ~held_port() override {
        --pool.reserved_;
        if (listed_in != nullptr) listed_in->closed(local);
    }

    fake_relay_ports& pool;
    net::endpoint local;
    turn::node_ports* listed_in;  ///< while an allocation has it
};

result<turn::relay_port, turn::port_error> fake_relay_ports::open(const turn::port_request& request) {
    requests.push_back(request);
    const auto at = std::ranges::find(settings_.addresses, request.family,
                                      [](const auto& candidate) { return candidate.local.family(); });
    if (at == settings_.addresses.end()) return turn::port_error::family_not_served;
    if (open_.size() + reserved_ >= ports_max || request.family == exhausted)
        return turn::port_error::insufficient;
    if (request.even && next_port_ % 2 != 0) take_number();
    return opened(*at, take_number());
}

result<turn::port_pair, turn::port_error> fake_relay_ports::open_pair(const turn::port_request& request) {
    auto even = request;
    even.even = true;
    auto next = std::make_unique<held_port>(*this, net::endpoint{}, nullptr);
    const auto port = open(even);
    if (!port) return port.error();
    next->local = {port->local.address, take_number()};
    return turn::port_pair{.even = *port, .next = std::move(next)};
}

result<turn::relay_port, turn::port_error> fake_relay_ports::open_reserved(
    std::unique_ptr<turn::reserved_port> reserved) {
    auto& held = static_cast<held_port&>(*reserved);
    if (refuses_reserved) return turn::port_error::insufficient;
    const auto at =
        std::ranges::find(settings_.addresses, held.local.address, &contract::relay_address_settings::local);
    const auto taken_up = opened(*at, held.local.port);
    held.listed_in = nullptr;
    return taken_up;
}

std::unique_ptr<turn::reserved_port> fake_relay_ports::release(turn::relay_handle handle) {
    auto held = std::make_unique<held_port>(*this, open_.at(handle.index), &node_);
    open_.erase(handle.index);
    return held;
}

std::uint16_t fake_relay_ports::take_number() noexcept {
    const auto next = static_cast<std::uint16_t>(next_port_ + 1);
    return std::exchange(next_port_, next_port_ == range_.last ? range_.first : next);
}

turn::relay_port fake_relay_ports::opened(const contract::relay_address_settings& address,
                                          std::uint16_t port) {
    std::uint32_t index = 0;
    while (open_.contains(index)) ++index;
    const net::endpoint local{address.local, port};
    open_.emplace(index, local);
    node_.opened(local);
    return {.handle = {index}, .local = local, .advertised = {address.advertised(), port}};
}

bool fake_relay_ports::connect(turn::relay_handle from, const net::endpoint& peer) noexcept {
    if (!refuses_connects) connects.emplace_back(from, peer);
    return !refuses_connects;
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

world::world(const adjustment& adjust, turn::interop_credentials let_in)
    : settings{adjusted(adjust)},
      keys{std::make_shared<const credential::key_ring>(
          credential::key_ring::generate(now, std::chrono::days{3650}))},
      interop{std::move(let_in)},
      sealer{keys, settings.realm},
      admission{settings, turn::node_secrets::random()},
      own_ports{settings.addresses, listeners},
      ports{settings, own_ports, {.first = 50'000, .last = 65'535}},
      second_ports{settings, own_ports, {.first = 40'000, .last = 49'999}},
      server{environment_of(0)},
      second{environment_of(1)} {}

turn::server_environment world::environment_of(turn::worker_number number) {
    return {.settings = settings,
            .keys = keys,
            .interop = interop,
            .admission = admission,
            .own_ports = own_ports,
            .ports = ports_of(number),
            .reservations = reservations,
            .connections = connections,
            .mobility = mobility,
            .others = number == 0 ? crossings : second_crossings,
            .worker = number,
            .observer = observer,
            .alternates = &alternates,
            .random = seeded_bytes{std::mt19937{20'260'101U + number}}};
}

bool world::deliver(turn::worker_number to) {
    auto& waiting = mailboxes.at(to);
    if (waiting.empty()) return false;
    auto next = std::move(waiting.front());
    waiting.pop_front();
    worker(to).on_crossing(now, std::move(next));
    return true;
}

void world::deliver_all() {
    while (deliver(0) || deliver(1)) {
    }
}

std::vector<std::byte> world::take_carried(const turn::client_path& path) {
    for (auto* const each : {&crossings, &second_crossings}) {
        const auto found = std::ranges::find(each->carried, path, &fake_crossings::carried_out::path);
        if (found == each->carried.end()) continue;
        auto message = std::move(found->message);
        each->carried.erase(found);
        return message;
    }
    return {};
}

void fake_crossings::carry_out_now(const turn::client_path& path, const turn::client_effect& effect) {
    if (const auto* const answer = std::get_if<turn::reply>(&effect)) {
        carried.push_back({path, {answer->message.begin(), answer->message.end()}, std::nullopt});
    } else if (const auto* const sent = std::get_if<turn::to_peer>(&effect)) {
        carried.push_back({path, {sent->payload.begin(), sent->payload.end()}, *sent});
    }
}

void world::pass(std::chrono::seconds time) {
    for (auto left = time; left > 0s; left -= 1s) jump(1s);
}

void world::jump(std::chrono::seconds time) {
    now.monotonic += time;
    now.wall += time;
    server.on_tick(now);
    second.on_tick(now);
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
