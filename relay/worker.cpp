#include "relay/worker.hpp"

#include "common/clock/insist.hpp"

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <exception>
#include <memory>
#include <new>
#include <stdexcept>
#include <utility>
#include <variant>

#include <pthread.h>

namespace turnix::relay {

namespace {

constexpr std::chrono::milliseconds tick{250};

template <class Member>
std::vector<Member> each_of(const std::vector<io::datagram_listener>& listeners,
                            Member io::datagram_listener::* member) {
    std::vector<Member> all;
    all.reserve(listeners.size());
    for (const auto& each : listeners) all.push_back(each.*member);
    return all;
}

/// While it lives, threads that are started begin with every signal blocked: signals are the main thread's,
/// and a write to a closed connection must not raise SIGPIPE.
class signals_blocked {
  public:
    signals_blocked() noexcept {
        sigset_t all{};
        sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    signals_blocked(const signals_blocked&) = delete;
    signals_blocked& operator=(const signals_blocked&) = delete;
    ~signals_blocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  private:
    sigset_t before_{};
};

}  // namespace

worker::worker(const node_environment& node, std::size_t number, worker_sockets sockets)
    : number_{number},
      settings_{node.settings},
      rules_{node.rules},
      debug_{events_, node.keys, node.settings.realm},
      listening_at_{each_of(sockets.datagrams, &io::datagram_listener::address)},
      spoken_{each_of(sockets.datagrams, &io::datagram_listener::serves)},
      engine_{node.engines.make(context_, std::move(sockets.datagrams))},
      tcp_{context_, *this},
      ports_{*engine_, tcp_, node.ports, node.settings.addresses, node.settings.ports},
      server_{{.settings = settings_,
               .keys = node.keys,
               .interop = node.interop,
               .admission = node.admission,
               .own_ports = node.ports,
               .ports = ports_,
               .reservations = node.reservations,
               .connections = node.connections,
               .mobility = node.mobility,
               .others = *this,
               .worker = static_cast<turn::worker_number>(number),
               .observer = debug_,
               .alternates = node.alternates}},
      streams_{{.context = context_,
                .sink = *this,
                .idle = node.idle,
                .load = node.admission.load(),
                .limits = settings_.limits,
                .trusted_proxies = node.settings.trusted_proxies,
                .tls = node.tls},
               std::move(sockets.streams)},
      dtls_{{.sink = *this,
             .idle = node.idle,
             .load = node.admission.load(),
             .budgets = node.admission.budgets(),
             .cookies = node.cookies,
             .limits = settings_.limits,
             .tls = node.dtls}} {}

worker::~worker() {
    if (thread_.joinable()) {
        request_stop();
        join();
        finish();
    }
}

void worker::start() {
    std::promise<void> began;
    auto outcome = began.get_future();
    try {
        launch(std::move(began));
        outcome.get();
    } catch (const std::exception& error) {
        if (thread_.joinable()) thread_.join();
        throw std::runtime_error{
            fmt::format("worker {} cannot start: {}; let turnixd have more memory, threads and "
                        "descriptors, or give fewer relay.workers",
                        number_, error.what())};
    }
}

void worker::launch(std::promise<void> began) {
    const signals_blocked while_starting;
    thread_ = std::thread{[this, began = std::move(began)]() mutable { run(std::move(began)); }};
}

void worker::run(std::promise<void> began) {
    try {
        begin();
    } catch (...) {
        return began.set_exception(std::current_exception());
    }
    began.set_value();
    while (!context_.stopped()) {
        try {
            context_.run();
        } catch (const std::bad_alloc&) {
            // It cost what was at work, and nothing else.
            out_of_memory_.add();
        }
    }
    engine_->stop();
}

void worker::begin() {
    ::pthread_setname_np(::pthread_self(), fmt::format("relay-{}", number_).c_str());
    engine_->start(*this);
    streams_.start();
    wait_for_tick();
}

template <class Task>
auto worker::ask(Task task) -> std::future<decltype(task())> {
    using question = std::packaged_task<decltype(task())()>;
    const auto asked = std::make_shared<question>([this, task = std::move(task)]() mutable {
        on_batch();
        return task();
    });
    auto answer = asked->get_future();
    // A question that is destroyed unasked takes memory where none may fail.
    insist([&] { boost::asio::post(context_, [asked] { (*asked)(); }); });
    return answer;
}

std::future<void> worker::set_draining(bool draining) {
    return ask([this, draining] { server_.set_draining(draining); });
}

std::future<std::vector<contract::live_session>> worker::sessions() {
    return ask([this] {
        on_crossings();
        std::vector<contract::live_session> all;
        server_.describe(now_, all);
        return all;
    });
}

std::future<bool> worker::terminate(const session_id& which) {
    return ask([this, which] {
        on_crossings();
        return server_.end(now_, which, contract::end_reason::terminated);
    });
}

void worker::look_soon() noexcept {
    try {
        boost::asio::post(context_, [this] { on_crossings(); });
    } catch (const std::bad_alloc&) {
        // The next tick looks.
    }
}

void worker::look_for(std::optional<debug_wish> wish) {
    ask([this, wish = std::move(wish)]() mutable {
        std::vector<contract::live_session> live;
        server_.describe(now_, live);
        debug_.look_for(std::move(wish), live, now_.monotonic);
    });
}

void worker::use_newest_rules() {
    take_newest(rules_.settings, rules_in_use_.settings, [this](const auto& newest) {
        auto fresh = *newest;
        settings_ = std::move(fresh);
        server_.on_settings_changed();
    });
    take_newest(rules_.keys, rules_in_use_.keys, [this](const auto& newest) {
        debug_.use(newest);
        server_.use(newest);
    });
    take_newest(rules_.overrides, rules_in_use_.overrides,
                [this](const auto& newest) { server_.use(now_, newest); });
}

void worker::request_stop() {
    boost::asio::post(context_, [this] { stop(); });
}

void worker::stop() {
    on_batch();
    ended_by_stop_ = server_.allocations();
    server_.end_all(now_, contract::end_reason::shutdown);
    streams_.close();
    dtls_.close();
    tcp_.close_all();
    engine_->flush();
    context_.stop();
}

std::size_t worker::finish() {
    on_crossings();
    ended_by_stop_ += server_.allocations();
    server_.end_all(now_, contract::end_reason::shutdown);
    events_.finish();
    return ended_by_stop_;
}

void worker::wait_for_tick() {
    timer_.expires_after(tick);
    insist([this] {
        timer_.async_wait([this](const boost::system::error_code& error) {
            if (error) return;
            const auto due = timer_.expiry();
            // Before the work, which may find no memory.
            wait_for_tick();
            on_tick(due);
        });
    });
}

void worker::on_tick(monotonic_time due) {
    ticks_.add();
    on_batch();
    lag_.add(now_.monotonic - due);
    server_.on_tick(now_);
    // What could not be told of, or not be done, when it came.
    on_crossings();
    streams_.on_tick(now_.monotonic);
    dtls_.on_tick(now_.monotonic);
    tcp_.on_tick(now_.monotonic);
    debug_.on_tick(now_.monotonic);
    events_.advance();
    on_stream_batch_end();
    warn_of_shortage();
}

void worker::warn_of_shortage() {
    const auto datagrams = engine_->counters();
    const auto streams = streams_.counters();
    const auto grew = [](const auto& now, const auto& before, auto event) {
        return now.of(event) > before.of(event);
    };
    if (grew(streams, warned_of_.streams, io::stream_event::accept_paused)) {
        descriptor_warning_.warn("descriptors or memory run short: new connections wait");
    }
    if (grew(streams, warned_of_.streams, io::stream_event::proxy_malformed)) {
        proxy_warning_.warn(
            "a connection of relay.proxy_protocol.trusted began with no PROXY header: closed");
    }
    if (grew(streams, warned_of_.streams, io::stream_event::proxy_version_1)) {
        proxy_warning_.warn("a proxy sends version 1 of the PROXY header, which is not read: let it send 2");
    }
    if (grew(datagrams, warned_of_.datagrams, io::datagram_event::send_queue_full)) {
        send_queue_warning_.warn("the network takes less than is sent: datagrams are dropped");
    }
    warned_of_.streams = streams;
    warned_of_.datagrams = datagrams;
    warn_of_memory();
}

void worker::warn_of_memory() {
    const auto failures = server_.counters().totals().drops_of(turn::drop_reason::out_of_memory) +
                          streams_.counters().of(io::stream_event::out_of_memory) + out_of_memory_.value() +
                          events_.lost();
    if (failures > memory_failures_warned_of_) {
        memory_warning_.warn(
            "memory runs short: what needed more of it has failed, {} times so far; {} starts "
            "and ends of sessions are not recorded",
            failures, events_.lost());
    }
    memory_failures_warned_of_ = failures;
}

void worker::post(turn::worker_number to, turn::crossing what) { all_[to]->receive(std::move(what)); }

void worker::receive(turn::crossing what) {
    if (inbox_.push(std::move(what))) look_soon();
}

void worker::on_crossings() {
    on_batch();
    auto posted = inbox_.take();
    try {
        // A session that comes is under no older ones than it was where it comes from.
        use_newest_rules();
    } catch (const std::bad_alloc&) {
        // The next tick looks again: at all sessions, those that come now included.
        out_of_memory_.add();
    }
    for (auto& each : posted) server_.on_crossing(now_, std::move(each));
    on_stream_batch_end();
}

void worker::carry_out_now(const turn::client_path& path, const turn::client_effect& effect) {
    static_cast<void>(carry_out(path, effect));
    engine_->flush();
}

std::shared_ptr<io::stream_successor> worker::carry_out(const turn::client_path& path,
                                                        const turn::client_effect& effect) noexcept {
    if (const auto* onward = std::get_if<turn::to_peer>(&effect)) {
        engine_->send_to_peer(*onward);
    } else if (const auto* answer = std::get_if<turn::reply>(&effect)) {
        send(answer->from ? from_listener(*answer->from, path) : path, answer->message);
    } else if (const auto* bound = std::get_if<turn::splice>(&effect)) {
        send(path, bound->message);
        return tcp_.serve(std::move(*bound->with));
    }
    return nullptr;
}

void worker::tell(const std::optional<turn::notice>& told) noexcept {
    if (told) send(told->path, told->message);
}

turn::client_path worker::from_listener(const net::endpoint& server, turn::client_path path) const noexcept {
    const net::endpoint on_all{net::address::unspecified(server.address.family()), server.port};
    const auto at = std::ranges::find_if(
        listening_at_, [&](const net::endpoint& each) { return each == server || each == on_all; });
    assert(at != listening_at_.end());
    path.server = server;
    path.handle = static_cast<std::uint32_t>(at - listening_at_.begin());
    return path;
}

void worker::send(const turn::client_path& path, std::span<const std::byte> message) noexcept {
    if (net::is_stream(path.transport)) {
        streams_.send_reply(now_.monotonic, path, message);
    } else if (path.transport == net::transport::dtls) {
        dtls_.send_reply(path, message);
    } else {
        engine_->send_reply(path, message);
    }
}

turn::client_effect worker::ask_core(const turn::client_path& path,
                                     std::span<const std::byte> message) noexcept {
    auto effect = server_.on_client(now_, path, message);
    if (debug_.is_awake()) {
        debug_.on_exchange({.now = now_, .path = path, .message = message, .effect = effect},
                           rules_in_use_.overrides);
    }
    return effect;
}

void worker::on_batch() noexcept { now_ = instant::now(); }

void worker::on_clients_ahead(std::span<const turn::client_path> clients) noexcept {
    server_.fetch_ahead(clients);
}

void worker::on_relays_ahead(std::span<const turn::relay_handle> ports) noexcept {
    server_.fetch_ahead(ports);
}

void worker::on_client_datagram(const turn::client_path& path, std::span<std::byte> message) noexcept {
    const auto spoken = spoken_[path.handle];
    if (!spoken.dtls || (spoken.udp && !io::begins_dtls(message))) {
        carry_out(path, ask_core(path, message));
        return;
    }
    auto secured = path;
    secured.transport = net::transport::dtls;
    dtls_.on_datagram(now_.monotonic, secured, message);
}

void worker::on_peer_datagram(turn::relay_handle at, const net::endpoint& peer,
                              std::span<const std::byte> payload) noexcept {
    const auto how = server_.on_peer(now_, at, peer, payload);
    if (!how) return;
    if (net::is_stream(how->path.transport)) {
        streams_.send_to_client(now_.monotonic, *how, payload);
    } else if (how->path.transport == net::transport::dtls) {
        dtls_.send_to_client(*how, payload);
    } else {
        engine_->send_to_client(*how, payload);
    }
}

void worker::on_peer_error(turn::relay_handle at, const net::endpoint& peer,
                           const stun::icmp_error& error) noexcept {
    tell(server_.on_peer_error(now_, at, peer, error));
}

void worker::on_batch_end() noexcept { streams_.flush(now_.monotonic); }

monotonic_time worker::on_stream_batch() noexcept {
    on_batch();
    return now_.monotonic;
}

std::shared_ptr<io::stream_successor> worker::on_stream_message(const turn::client_path& path,
                                                                std::span<const std::byte> message) noexcept {
    return carry_out(path, ask_core(path, message));
}

void worker::on_stream_batch_end() noexcept {
    engine_->flush();
    streams_.flush(now_.monotonic);
}

void worker::on_stream_closed(const turn::client_path& path) noexcept {
    server_.on_client_closed(now_, path);
}

void worker::on_dtls_message(const turn::client_path& path, std::span<const std::byte> message) noexcept {
    carry_out(path, ask_core(path, message));
}

void worker::on_dtls_closed(const turn::client_path& path) noexcept { server_.on_client_closed(now_, path); }

void worker::send_dtls(const turn::client_path& path, std::span<const std::byte> datagram) noexcept {
    engine_->send_reply(path, datagram);
}

bool worker::has_time_for_stranger() noexcept { return server_.has_time_for_stranger(now_.monotonic); }

bool worker::has_allocation(const turn::client_path& path) const noexcept {
    return server_.has_allocation(path);
}

void worker::on_peer_accepted(turn::relay_handle at, const net::endpoint& peer,
                              std::unique_ptr<io::peer_socket> connection) noexcept {
    on_batch();
    tell(server_.on_peer_accepted(now_, at, peer, std::move(connection)));
    on_stream_batch_end();
}

void worker::on_peer_connected(turn::relay_handle from, const net::endpoint& peer,
                               std::unique_ptr<io::peer_socket> connection) noexcept {
    on_batch();
    tell(server_.on_peer_connected(now_, from, peer, std::move(connection)));
    on_stream_batch_end();
}

void worker::add_counters(relay_totals& to) const noexcept {
    to.protocol += server_.counters().totals();
    to.datagrams += engine_->counters();
    to.streams += streams_.counters();
    to.dtls += dtls_.counters();
    to.lag += lag_.totals();
}

}  // namespace turnix::relay
