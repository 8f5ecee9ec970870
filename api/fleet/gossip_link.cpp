#include "api/fleet/gossip_link.hpp"

#include "common/clock/run_after.hpp"
#include "common/crypto/random.hpp"
#include "common/net/sockaddr.hpp"
#include "common/telemetry/log.hpp"

#include <boost/asio/buffer.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <span>
#include <stdexcept>
#include <utility>

namespace turnix::fleet {

namespace {

namespace asio = boost::asio;
using asio::generic::datagram_protocol;

constexpr std::string_view log_name = "api.fleet";
/// Refuting counts within one start.
constexpr unsigned incarnation_bits_of_a_start = 32;

datagram_protocol::endpoint to_asio(const net::endpoint& from) {
    sockaddr_storage storage{};
    const auto length = net::to_sockaddr(from, storage);
    return {&storage, length};
}

datagram_protocol::socket bound(const asio::any_io_executor& executor, const net::endpoint& address) {
    const auto where = to_asio(address);
    datagram_protocol::socket socket{executor};
    boost::system::error_code code;
    socket.open(where.protocol(), code);
    if (!code) socket.bind(where, code);
    if (!code) socket.non_blocking(true, code);
    if (code) {
        throw std::runtime_error{
            fmt::format("cannot gossip at {}: {}; set node.gossip_address to a free UDP port of this machine",
                        address.to_string(), code.message())};
    }
    return socket;
}

gossip::agent_options agent_options_of(gossip_link_options& options, const gossip::node_status& status) {
    return {.key = options.key,
            .nodes = std::move(options.nodes),
            .keys = std::move(options.keys),
            .incarnation = std::uint64_t{options.starts} << incarnation_bits_of_a_start,
            .status = status,
            .facts = std::move(options.facts),
            .random = [](std::span<std::byte> bytes) { crypto::fill_random(bytes); }};
}

gossip::node_status status_of(const contract::relay_load& load, const gossip::served_ports& ports) noexcept {
    // A node that is short of memory or descriptors has room for no more than it has.
    const bool is_short = load.step >= contract::load_step::newcomers_refused;
    return {.state = load.draining ? gossip::declared_state::draining : gossip::declared_state::serving,
            .sessions = load.sessions,
            .sessions_max = is_short ? load.sessions : load.sessions_max,
            .ports = ports};
}

/// A few sessions more or less are no news; to be full, or no longer, is.
bool is_news(const gossip::node_status& before, const gossip::node_status& now) noexcept {
    constexpr std::uint32_t steps = 32;
    const auto step_of = [](const gossip::node_status& of) {
        return of.sessions >= of.sessions_max ? steps : std::uint64_t{of.sessions} * steps / of.sessions_max;
    };
    return before.state != now.state || step_of(before) != step_of(now);
}

/// A suspicion that comes to nothing is no news for people.
spdlog::level::level_enum level_of(const gossip::state_change& change) noexcept {
    using gossip::node_state;
    if (change.to == node_state::dead) return spdlog::level::warn;
    const bool is_doubt =
        change.to == node_state::suspect || (change.from == node_state::suspect && is_live(change.to));
    return is_doubt ? spdlog::level::debug : spdlog::level::info;
}

}  // namespace

gossip_link::gossip_link(const asio::any_io_executor& executor, gossip_link_options options,
                         const contract::session_control& relay)
    : socket_{bound(executor, options.address)},
      timer_{executor},
      relay_{relay},
      ports_{options.ports},
      show_{std::move(options.show)},
      name_of_{std::move(options.name_of)},
      learn_{std::move(options.learn)},
      agent_{agent_options_of(options, status()), instant::now()},
      declared_{status()} {}

void gossip_link::start() {
    receive();
    wait();
    tick();
}

void gossip_link::publish(gossip::fact made, std::function<void(std::vector<gossip::node_id> missing)> then) {
    const auto number = agent_.publish(std::move(made), instant::now());
    if (number == 0) return then(missing({}));
    awaited_.emplace(number, std::move(then));
    send();
    end_deliveries();
}

void gossip_link::leave() {
    agent_.leave(instant::now());
    send();
}

void gossip_link::wait() {
    run_after(timer_, gossip::tick, [this] {
        wait();
        tick();
    });
}

void gossip_link::tick() {
    if (const auto now = status(); is_news(declared_, now)) {
        declared_ = now;
        agent_.declare(now);
    }
    agent_.on_tick(instant::now());
    send();
    end_deliveries();
    log_changes();
    show(instant::now().monotonic);
    received_ = 0;
    receive();
}

void gossip_link::receive() {
    if (receives_ || received_ >= datagrams_per_tick) return;
    socket_.async_receive(asio::buffer(buffer_),
                          [this](const boost::system::error_code& failed, std::size_t bytes) {
                              receives_ = false;
                              if (failed == asio::error::operation_aborted) return;
                              ++received_;
                              if (!failed) take(bytes);
                              receive();
                          });
    receives_ = true;
}

void gossip_link::take(std::size_t bytes) try {
    agent_.on_datagram(std::span{buffer_}.first(bytes), instant::now());
    take_facts();
    send();
    end_deliveries();
} catch (const std::bad_alloc&) {
    // It is lost, as others are on their way.
}

void gossip_link::send() {
    for (const auto& each : agent_.take_outgoing()) {
        // What cannot be sent is lost, as anything on the way may be.
        boost::system::error_code ignored;
        socket_.send_to(asio::buffer(each.datagram), to_asio(each.to), 0, ignored);
    }
}

void gossip_link::take_facts() {
    for (const auto& told : agent_.take_facts()) learn_(told);
}

void gossip_link::end_deliveries() {
    for (const auto& ended : agent_.take_deliveries(instant::now())) {
        const auto waiting = awaited_.extract(ended.number);
        if (!waiting.empty()) waiting.mapped()(missing(ended.confirmed));
    }
}

void gossip_link::show(monotonic_time now) {
    // They change little, and there are many of them in a large fleet.
    if (now >= paths_at_) {
        paths_ = std::make_shared<const std::vector<gossip::measured_path>>(agent_.paths());
        paths_at_ = now + gossip::round_trips_interval;
    }
    show_(std::make_shared<const fleet_view>(
        gossip_look{.members = agent_.members(), .paths = paths_, .is_minority = agent_.is_minority()}));
}

std::vector<gossip::node_id> gossip_link::missing(std::span<const gossip::node_id> confirmed) const {
    std::vector<gossip::node_id> found;
    for (const auto& each : agent_.members()) {
        const bool has_it = std::ranges::find(confirmed, each.id) != confirmed.end();
        if (!has_it && each.state() != gossip::node_state::left) found.push_back(each.id);
    }
    return found;
}

std::vector<gossip::node_id> gossip_link::living() const {
    std::vector<gossip::node_id> found;
    for (const auto& each : agent_.members()) {
        if (gossip::is_live(each.state())) found.push_back(each.id);
    }
    return found;
}

void gossip_link::log_changes() {
    auto& log = telemetry::logger(log_name);
    for (const auto& change : agent_.take_changes()) {
        log.log(level_of(change), "{} is {}, was {}", name_of_(change.node), to_string(change.to),
                to_string(change.from));
    }
    if (agent_.is_minority() == was_minority_) return;
    was_minority_ = !was_minority_;
    if (was_minority_) {
        log.warn("at most half of the nodes that were ever seen can be reached: this one may be cut off");
    } else {
        log.info("more than half of the nodes can be reached again");
    }
}

gossip::node_status gossip_link::status() const noexcept { return status_of(relay_.load(), ports_); }

}  // namespace turnix::fleet
