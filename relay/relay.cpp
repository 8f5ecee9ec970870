#include "relay/relay.hpp"

#include "common/credential/static_users.hpp"
#include "common/credential/timed_username.hpp"
#include "common/telemetry/log.hpp"
#include "relay/io/engine_factory.hpp"
#include "relay/io/idle_connections.hpp"
#include "relay/io/interfaces.hpp"
#include "relay/io/listener_group.hpp"
#include "relay/io/socket.hpp"
#include "relay/io/tls_context.hpp"
#include "relay/published_rules.hpp"
#include "relay/session_snapshot.hpp"
#include "relay/turn/connection_table.hpp"
#include "relay/turn/interop_credentials.hpp"
#include "relay/turn/nat_discovery.hpp"
#include "relay/turn/node_admission.hpp"
#include "relay/turn/node_mobility.hpp"
#include "relay/turn/node_ports.hpp"
#include "relay/turn/reservation_table.hpp"
#include "relay/worker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <iterator>
#include <mutex>
#include <optional>
#include <span>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace turnix::relay {

namespace {

using contract::listener_settings;
using contract::relay_address_settings;

/// How old what live_sessions gives may be: asking often costs the workers no more than this.
constexpr std::chrono::milliseconds snapshot_age_max{250};

std::size_t worker_count(const contract::relay_settings& settings) noexcept {
    return settings.workers != 0 ? settings.workers : std::max(1U, std::thread::hardware_concurrency());
}

/// For the listeners of that transport, TLS or DTLS; nothing when there are none.
std::optional<io::tls_context> tls_for(const contract::relay_settings& settings, net::transport transport) {
    const auto first = std::ranges::find(settings.listeners, transport, &listener_settings::transport);
    if (first == settings.listeners.end()) return std::nullopt;
    if (!settings.tls) {
        throw std::runtime_error{
            fmt::format("the {} listener {} needs a certificate; set relay.tls.certificate and "
                        "relay.tls.private_key",
                        net::to_string(transport), first->address.to_string())};
    }
    const auto kind = transport == net::transport::dtls ? io::tls_kind::datagram : io::tls_kind::stream;
    return std::optional<io::tls_context>{std::in_place, *settings.tls, kind};
}

turn::interop_credentials interop_for(const contract::interop_settings& settings) {
    turn::interop_credentials let_in;
    let_in.project = settings.project.value_or(project_id{});
    if (const auto& file = settings.shared_secrets_file) {
        let_in.shared_secrets = credential::load_shared_secrets(*file);
    }
    if (const auto& file = settings.users_file) let_in.users = credential::load_static_users(*file);
    return let_in;
}

/// Where relay ports are opened when the configuration names no address: where clients reach this node.
std::vector<relay_address_settings> reachable_addresses(const std::vector<listener_settings>& listeners,
                                                        const std::vector<net::address>& interfaces) {
    std::vector<relay_address_settings> addresses;
    const auto add = [&addresses](const net::address& address) {
        if (std::ranges::find(addresses, address, &relay_address_settings::local) == addresses.end()) {
            addresses.push_back({.local = address, .external = std::nullopt});
        }
    };
    for (const listener_settings& listener : listeners) {
        const net::address& at = listener.address.address;
        if (!at.is_unspecified()) {
            add(at);
            continue;
        }
        for (const net::address& each : interfaces) {
            if (each.family() == at.family() && !each.is_loopback()) add(each);
        }
    }
    if (addresses.empty()) {
        throw std::runtime_error{"no interface has an address to relay from; name one in relay.addresses"};
    }
    return addresses;
}

std::vector<net::address> local_addresses(const std::vector<relay_address_settings>& addresses) {
    std::vector<net::address> local;
    std::ranges::transform(addresses, std::back_inserter(local), &relay_address_settings::local);
    return local;
}

/// Every listener, and each worker's sockets of it.
struct open_listeners {
    std::vector<listener_settings> bound;
    std::vector<worker_sockets> by_worker;
};

/// To each worker its socket.
void hand_out(io::listener_group& group, std::vector<worker_sockets>& by_worker) {
    const auto& [transport, address] = group.bound;
    for (std::size_t i = 0; i < by_worker.size(); ++i) {
        if (net::is_stream(transport)) {
            by_worker[i].streams.push_back({std::move(group.sockets[i]), address, {}});
            by_worker[i].streams.back().serves.add(transport);
        } else {
            by_worker[i].datagrams.push_back({std::move(group.sockets[i]), address, {}});
            by_worker[i].datagrams.back().serves.add(transport);
        }
    }
}

/// Lets the socket of an earlier listener on the same address serve this one as well. False when there is
/// none.
template <class Socket>
bool join_earlier(const listener_settings& wanted, std::vector<Socket>& sockets) {
    const auto found = std::ranges::find(sockets, wanted.address, &Socket::address);
    if (found == sockets.end()) return false;
    found->serves.add(wanted.transport);
    return true;
}

/// TCP and TLS share a port, UDP and DTLS another.
bool join_earlier(const listener_settings& wanted, std::vector<worker_sockets>& by_worker) {
    if (wanted.address.port == 0) return false;
    return std::ranges::all_of(by_worker, [&](worker_sockets& each) {
        return net::is_stream(wanted.transport) ? join_earlier(wanted, each.streams)
                                                : join_earlier(wanted, each.datagrams);
    });
}

void open(const listener_settings& wanted, open_listeners& opened, const io::listener_keys& keys = {}) {
    auto& log = telemetry::logger("relay.io");
    if (join_earlier(wanted, opened.by_worker)) {
        log.info("listening on {} {} as well", net::to_string(wanted.transport), wanted.address.to_string());
        opened.bound.push_back(wanted);
        return;
    }
    const auto workers = opened.by_worker.size();
    auto group = io::open_listener_group(wanted, workers, keys);
    log.info("listening on {} {}, {} sockets of {} bytes of receive buffer each",
             net::to_string(wanted.transport), group.bound.address.to_string(), workers,
             io::receive_buffer_bytes(group.sockets.front()));
    hand_out(group, opened.by_worker);
    opened.bound.push_back(group.bound);
}

open_listeners open_all(const std::vector<listener_settings>& wanted, std::size_t workers) {
    if (wanted.empty()) throw std::runtime_error{"nothing to listen on; name an address in relay.listeners"};
    open_listeners opened{.bound = {}, .by_worker = std::vector<worker_sockets>(workers)};
    for (const listener_settings& each : wanted) open(each, opened);
    return opened;
}

/// The bound address at which the datagrams for `place` come in: a listener on all addresses takes them
/// unless one has that very address.
net::endpoint listening_for(const net::endpoint& place, const std::vector<listener_settings>& bound) {
    const net::endpoint on_all{net::address::unspecified(place.address.family()), place.port};
    const auto has = [&bound](const net::endpoint& at) {
        return std::ranges::any_of(bound, [&at](const listener_settings& each) {
            return !net::is_stream(each.transport) && each.address == at;
        });
    };
    return has(on_all) && !has(place) ? on_all : place;
}

/// Lets the node listen at each place of NAT behaviour discovery, where no listener does so already.
void open_places(const contract::nat_discovery_settings& discovery, open_listeners& opened) {
    constexpr std::string_view primary = "relay.nat_discovery.primary";
    constexpr std::string_view alternate = "relay.nat_discovery.alternate";
    for (const net::endpoint& place : turn::discovery_places(discovery)) {
        const listener_settings wanted{net::transport::udp, listening_for(place, opened.bound)};
        if (std::ranges::find(opened.bound, wanted) != opened.bound.end()) continue;
        open(wanted, opened,
             {.address = place.address == discovery.primary.address ? primary : alternate,
              .port = place.port == discovery.primary.port ? primary : alternate});
    }
}

}  // namespace

struct relay::state {
    explicit state(relay_options given);

    /// Does not wait for who is just making one: that one does not last either.
    void forget_snapshot() noexcept { ++snapshots_forgotten; }

    relay_options options;
    std::optional<io::tls_context> tls;
    std::optional<io::tls_context> dtls;
    io::cookie_authority cookies;
    turn::interop_credentials interop;
    std::vector<listener_settings> listeners;
    std::optional<turn::node_ports> ports;
    std::unique_ptr<io::engine_factory> engines;
    turn::node_admission admission;
    turn::reservation_table reservations;
    turn::connection_table connections;
    turn::node_mobility mobility;
    io::idle_connections idle;
    published_rules rules;
    std::mutex snapshot_guard;
    std::shared_ptr<const std::vector<contract::live_session>> snapshot;
    monotonic_time snapshot_taken_at{};
    std::atomic<std::uint64_t> snapshots_forgotten{0};
    std::uint64_t snapshot_taken_after{0};  ///< so many were forgotten
    std::vector<std::unique_ptr<worker>> workers;
    std::atomic<bool> draining{false};
    bool running{false};
};

relay::state::state(relay_options given)
    : options{std::move(given)},
      tls{tls_for(options.settings, net::transport::tls)},
      dtls{tls_for(options.settings, net::transport::dtls)},
      interop{interop_for(options.settings.interop)},
      admission{options.settings, turn::node_secrets::random()},
      idle{options.settings.limits.idle_connections_per_source_max} {
    auto opened = open_all(options.settings.listeners, worker_count(options.settings));
    listeners = opened.bound;
    if (options.settings.nat_discovery) open_places(*options.settings.nat_discovery, opened);

    const auto interfaces = io::interface_addresses();
    auto& addresses = options.settings.addresses;
    if (addresses.empty()) addresses = reachable_addresses(listeners, interfaces);
    auto own = options.own_addresses;
    own.insert(own.end(), interfaces.begin(), interfaces.end());
    for (const auto& listener : opened.bound) own.push_back(listener.address.address);
    ports.emplace(addresses, own);
    engines =
        std::make_unique<io::engine_factory>(io::engine_options{.name = options.engine,
                                                                .coalesce = options.coalesce,
                                                                .relay_addresses = local_addresses(addresses),
                                                                .ports = options.settings.ports,
                                                                .workers = opened.by_worker.size()});

    const node_environment node{.settings = options.settings,
                                .keys = options.keys,
                                .interop = interop,
                                .engines = *engines,
                                .admission = admission,
                                .ports = *ports,
                                .reservations = reservations,
                                .connections = connections,
                                .mobility = mobility,
                                .idle = idle,
                                .cookies = cookies,
                                .rules = rules,
                                .alternates = options.alternates,
                                .tls = tls ? &*tls : nullptr,
                                .dtls = dtls ? &*dtls : nullptr};
    for (std::size_t i = 0; i < opened.by_worker.size(); ++i) {
        workers.push_back(std::make_unique<worker>(node, i, std::move(opened.by_worker[i])));
    }
    std::vector<worker*> all;
    all.reserve(workers.size());
    for (const auto& each : workers) all.push_back(each.get());
    for (const auto& each : workers) each->meet(all);
}

relay::relay(relay_options options) : state_{std::make_unique<state>(std::move(options))} {}

relay::~relay() { stop(); }

void relay::start() {
    // From the first on there is something to stop, should another fail.
    state_->running = true;
    for (const auto& each : state_->workers) each->start();
    const std::string& reason = state_->engines->reason();
    telemetry::logger("relay").info("{} workers, datagram engine {} (relay.engine: {}){}{}", workers(),
                                    engine(), state_->options.engine, reason.empty() ? "" : ": ", reason);
}

const std::vector<contract::listener_settings>& relay::listeners() const noexcept {
    return state_->listeners;
}

std::size_t relay::workers() const noexcept { return state_->workers.size(); }

std::string_view relay::engine() const noexcept { return state_->engines->name(); }

void relay::renew_certificate(const contract::tls_settings& settings) {
    std::vector<std::pair<io::tls_context*, io::shared_ssl_context>> renewed;
    for (auto* const each : {&state_->tls, &state_->dtls}) {
        if (*each) renewed.emplace_back(&**each, io::make_ssl_context(settings, (*each)->kind()));
    }
    for (auto& [context, with] : renewed) context->renew(std::move(with));
}

void relay::change(const contract::relay_settings& settings) {
    auto changed = std::make_shared<contract::relay_settings>(state_->options.settings);
    changed->lifetime_default = settings.lifetime_default;
    changed->lifetime_max = settings.lifetime_max;
    changed->follow_listener_family = settings.follow_listener_family;
    changed->peers = settings.peers;
    changed->limits = settings.limits;
    state_->admission.change(changed->limits);
    changed->limits.sessions_max = state_->admission.sessions_max();
    state_->idle.change(changed->limits.idle_connections_per_source_max);
    state_->rules.settings.publish(std::move(changed));
    for (const auto& each : state_->workers) each->look_soon();
}

void relay::shed(contract::load_step step) noexcept { state_->admission.load().set(step); }

void relay::look_for(const std::optional<debug_wish>& wish) {
    for (const auto& each : state_->workers) each->look_for(wish);
}

void relay::use_keys(const std::shared_ptr<const credential::key_ring>& keys) {
    state_->rules.keys.publish(keys);
    for (const auto& each : state_->workers) each->look_soon();
}

void relay::set_draining(bool draining) {
    state_->draining.store(draining, std::memory_order_relaxed);
    std::vector<std::future<void>> told;
    for (const auto& each : state_->workers) told.push_back(each->set_draining(draining));
    if (!state_->running) return;  // they will hear of it before anything else
    for (auto& each : told) each.wait();
}

std::size_t relay::stop() {
    if (!std::exchange(state_->running, false)) return 0;
    std::vector<worker*> running;
    for (const auto& each : state_->workers) {
        if (each->is_running()) running.push_back(each.get());
    }
    for (auto* const each : running) each->request_stop();
    for (auto* const each : running) each->join();
    std::size_t ended = 0;
    for (auto* const each : running) ended += each->finish();
    return ended;
}

contract::relay_load relay::load() const noexcept {
    return {.sessions = state_->admission.sessions(),
            .sessions_max = state_->admission.sessions_max(),
            .draining = state_->draining.load(std::memory_order_relaxed),
            .step = state_->admission.load().step()};
}

void relay::take_events(std::vector<contract::session_event>& into) {
    for (const auto& each : state_->workers) each->take_events(into);
}

std::shared_ptr<const std::vector<contract::live_session>> relay::live_sessions() {
    const std::lock_guard lock{state_->snapshot_guard};
    const auto now = instant::now().monotonic;
    auto& kept = state_->snapshot;
    const auto forgotten = state_->snapshots_forgotten.load();
    const bool is_good = kept && forgotten == state_->snapshot_taken_after;
    if (is_good && now < state_->snapshot_taken_at + snapshot_age_max) return kept;
    const auto look = [this](std::span<const turn::worker_number> workers) {
        std::vector<std::future<std::vector<contract::live_session>>> asked;
        for (const auto number : workers) asked.push_back(state_->workers[number]->sessions());
        std::vector<contract::live_session> seen;
        for (auto& each : asked) std::ranges::move(each.get(), std::back_inserter(seen));
        return seen;
    };
    kept = std::make_shared<std::vector<contract::live_session>>(
        all_sessions(state_->running ? workers() : 0, state_->mobility, look));
    state_->snapshot_taken_at = now;
    state_->snapshot_taken_after = forgotten;
    return kept;
}

bool relay::terminate(const session_id& which) {
    if (!state_->running) return false;
    std::vector<std::future<bool>> asked;
    for (const auto& each : state_->workers) asked.push_back(each->terminate(which));
    bool found = std::ranges::count_if(asked, [](auto& each) { return each.get(); }) != 0;
    if (!found) {
        // A mobile one may have been on its way from one worker to another.
        const auto at = state_->mobility.worker_of(which);
        found = at && state_->workers[*at]->terminate(which).get();
    }
    state_->forget_snapshot();
    return found;
}

void relay::use(std::shared_ptr<const contract::override_set> overrides) {
    state_->rules.overrides.publish(std::move(overrides));
    for (const auto& each : state_->workers) each->look_soon();
    state_->forget_snapshot();
}

void relay::limit(const project_id& project, const contract::project_limits& limits,
                  std::uint64_t bytes_used) {
    state_->admission.quotas().limit(project, limits, bytes_used);
}

relay_totals relay::counters() const noexcept {
    relay_totals totals;
    for (const auto& each : state_->workers) each->add_counters(totals);
    return totals;
}

std::vector<std::uint64_t> relay::worker_ticks() const {
    std::vector<std::uint64_t> ticks;
    ticks.reserve(state_->workers.size());
    for (const auto& each : state_->workers) ticks.push_back(each->ticks());
    return ticks;
}

}  // namespace turnix::relay
