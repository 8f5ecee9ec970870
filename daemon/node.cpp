#include "daemon/node.hpp"

#include "api/auth/token_directory.hpp"
#include "api/console/console.hpp"
#include "api/fleet/fact_exchange.hpp"
#include "api/fleet/geoip.hpp"
#include "api/fleet/ice_urls.hpp"
#include "api/fleet/region_catalogue.hpp"
#include "api/fleet/region_directory.hpp"
#include "api/fleet/region_selector.hpp"
#include "api/http/server.hpp"
#include "api/resources/control_api.hpp"
#include "api/sessions/override_book.hpp"
#include "api/sessions/session_recorder.hpp"
#include "api/store/store.hpp"
#include "api/store/store_error.hpp"
#include "common/clock/run_after.hpp"
#include "common/credential/current_keys.hpp"
#include "common/credential/sealed_credential.hpp"
#include "common/telemetry/log.hpp"
#include "daemon/alternates.hpp"
#include "daemon/checked_settings.hpp"
#include "daemon/control_commands.hpp"
#include "daemon/control_plane.hpp"
#include "daemon/data_directory.hpp"
#include "daemon/debug_command.hpp"
#include "daemon/descriptor_limit.hpp"
#include "daemon/figures_clock.hpp"
#include "daemon/file_stamps.hpp"
#include "daemon/fleet_membership.hpp"
#include "daemon/io_thread.hpp"
#include "daemon/key_control.hpp"
#include "daemon/load_watch.hpp"
#include "daemon/memory_gauge.hpp"
#include "daemon/notices.hpp"
#include "daemon/reload.hpp"
#include "daemon/reload_command.hpp"
#include "daemon/side_settings.hpp"
#include "daemon/signals.hpp"
#include "daemon/status_server.hpp"
#include "daemon/upkeep.hpp"
#include "relay/relay.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace turnix::daemon {
namespace {

machine_room measure_machine(const config::settings& settings) {
    const auto memory_max = std::uint64_t{settings.node.memory_mib_max} << 20U;
    return {.descriptors = raise_descriptor_limit(), .memory_bytes = memory_gauge{}.limit(memory_max)};
}

/// The context outlives what uses the runner.
api::runner runner_on(auto& context) {
    return [&context](std::function<void()> piece) { boost::asio::post(context, std::move(piece)); };
}

}  // namespace

/// In the order of their making: each lives on those before it.
class node::state {
  public:
    state(const config::settings& settings, configuration_options source)
        : settings_{settings},
          source_{std::move(source)},
          directory_{settings.data_directory},
          lock_{directory_},
          key_book_{
              {.file = settings.key_ring_file, .ring = load_keys(settings), .node = node_number(settings)}},
          keys_{key_book_.shared_ring()},
          store_{directory_.database()},
          tenants_{store_, tenant_node_number(settings)},
          tokens_{store_, tenants_},
          relay_{relay_options_of(settings, room_, keys_.get(), tenants_, alternates_)},
          regions_{load_regions(settings.node), settings.node.region, relay_},
          selector_{regions_, open_geoip(settings.node)},
          exchange_{regions_},
          overrides_{store_, relay_, node_number(settings)},
          notices_{
              control_.io().get_executor(),
              {.records = store_, .tenants = tenants_, .keys = keys_, .targets = targets_of(settings.api)}},
          api_{{.tenants = tenants_,
                .tokens = tokens_,
                .records = store_,
                .hooks = notices_.hooks(),
                .bus = notices_.bus(),
                .regions = regions_,
                .selector = selector_,
                .relay = relay_,
                .overrides = overrides_,
                .exchange = exchange_,
                .others = others_,
                .keys = keys_,
                .timed = timed_issuer_of(settings, tenants_)},
               credential::credential_sealer{keys_.get(), settings.relay.realm},
               fleet::own_node(settings.node.public_host, regions_.own(), relay_.listeners()),
               api_rules_of(settings.api),
               {.control = runner_on(control_.io()), .desk = runner_on(desk_.io())}},
          recorder_{control_.io().get_executor(), relay_, store_,
                    [this](const contract::session_event& what) { notices_.announce(what); }},
          upkeep_{{.timer = control_.io().get_executor(), .work = desk_.io().get_executor()},
                  {.tenants = tenants_, .records = store_, .relay = relay_},
                  overrides_},
          control_plane_{settings.store,
                         {.records = store_,
                          .tenants = tenants_,
                          .tokens = tokens_,
                          .hooks = notices_.hooks(),
                          .desk = desk_.io().get_executor(),
                          .others_answer = settings.node.gossip_address.has_value()}},
          figures_clock_{
              {.control = control_.io().get_executor(), .desk = desk_.io().get_executor()}, relay_, api_},
          server_{control_.io(), server_settings_of(settings.api, room_.api_connections),
                  [this](const http::request& asked) { return answer(asked); }} {
        check_tenants(settings, tenants_);
        store_.use_region(settings.node.region);
        if (settings.status.address) {
            status_.emplace(*settings.status.address,
                            status_server::sources{.figures = [this] { return figures(); },
                                                   .loops = [this] { return loops(); },
                                                   .load = [this] { return relay_.load(); },
                                                   .degraded = [this] { return control_plane_.degraded(); }});
        }
        ready_ = {.api = server_.listen(settings.api.address, certificate_of(settings.api)),
                  .api_tls = settings.api.tls.has_value(),
                  .status = status_ ? std::optional{status_->address()} : std::nullopt,
                  .listeners = relay_.listeners(),
                  .workers = relay_.workers(),
                  .engine = std::string{relay_.engine()}};
        server_.listen_control(directory_.control_socket());
        if (settings.node.gossip_address) {
            fleet_.emplace(
                fleet_membership::executors{.control = control_.io(), .desk = desk_.io().get_executor()},
                settings, directory_,
                fleet_membership::parts{
                    .address = *settings.node.gossip_address,
                    .regions = regions_,
                    .selector = selector_,
                    .alternates = alternates_,
                    .exchange = exchange_,
                    .others = others_,
                    .api = api_,
                    .overrides = overrides_,
                    .records = store_,
                    .tenants = tenants_,
                    .tokens = tokens_,
                    .hooks = notices_.hooks(),
                    .relay = relay_,
                    .keys = key_book_,
                    .announce = [this](const fleet::region_change& what) { notices_.announce(what); }});
        }
        key_book_.on_change([this](const auto& ring) { use_keys(ring); });
    }

    void start() {
        // What fails half way leaves what has begun for stop().
        running_ = true;
        relay_.start();
        notices_.announce_interrupted(store_);
        recorder_.start();
        upkeep_.start();
        control_plane_.start();
        figures_clock_.start();
        notices_.start();
        if (fleet_) fleet_->start();
        server_.start();
        watch_certificates();
        desk_.start();
        control_.start();
        if (status_) status_->start();
    }

    void request_reload() {
        boost::asio::post(control_.io(), [this] { reload(); });
    }

    void begin_drain() { relay_.set_draining(true); }
    [[nodiscard]] config::drain_settings drain() const {
        const std::lock_guard lock{drain_guard_};
        return drain_;
    }
    [[nodiscard]] std::size_t sessions() const noexcept { return relay_.load().sessions; }
    void tick() noexcept {
        ticks_.add();
        load_watch_.look(instant::now().monotonic);
    }

    [[nodiscard]] std::vector<loop_pulse> loops() const {
        std::vector<loop_pulse> all{{.name = "main", .ticks = ticks_.value()},
                                    {.name = control_.name(), .ticks = control_.ticks()}};
        if (status_) all.push_back(status_->pulse());
        const auto workers = relay_.worker_ticks();
        for (std::size_t i = 0; i < workers.size(); ++i) {
            all.push_back({.name = fmt::format("relay-{}", i), .ticks = workers[i]});
        }
        return all;
    }

    std::size_t stop() {
        if (!std::exchange(running_, false)) return 0;
        control_.stop();
        desk_.finish();
        server_.stop();
        if (fleet_) fleet_->leave();
        const auto ended = relay_.stop();
        write_records();
        control_plane_.stop();
        if (status_) status_->stop();
        return ended;
    }

    [[nodiscard]] const ready_event& ready() const noexcept { return ready_; }
    [[nodiscard]] const capacity& room() const noexcept { return room_; }
    [[nodiscard]] bool has_failed() const noexcept {
        return control_.has_failed() || desk_.has_failed() || (status_ && status_->has_failed()) ||
               !records_written_;
    }

  private:
    /// The last of them; while the database fails there is nobody left to wait for it.
    void write_records() {
        try {
            recorder_.flush();
        } catch (const store::store_error& fault) {
            records_written_ = false;
            telemetry::logger("daemon").error("records could not be written: {}", fault.what());
        }
    }

    /// The control thread, as all of what follows but figures().
    http::response answer(const http::request& asked) {
        if (asked.origin == http::origin::control_socket && asked.path == reload_path) {
            return http::json_response(200, reload().to_json());
        }
        if (asked.origin == http::origin::control_socket && asked.path == debug_path) {
            return answer_debug(asked, *keys_.get(), relay_);
        }
        if (asked.origin == http::origin::control_socket && asked.path == stop_path) {
            stop_soon();
            return http::json_response(202, fmt::format(R"({{"sessions":{}}})", sessions()));
        }
        if (is_about_keys(asked)) {
            return answer_about_keys(key_book_, asked, lifetime_max_of(settings_.api, tenants_),
                                     instant::now().wall);
        }
        return console::is_console_path(asked.path) ? console::answer(asked)
                                                    : api_.answer(asked, instant::now());
    }

    /// The main thread. The API keeps an eighth of its connections: newcomers take the place of who is idle.
    void shed(contract::load_step step) {
        using enum contract::load_step;
        relay_.shed(step);
        const auto all = room_.api_connections;
        const bool is_short = step >= (ready_.api_tls ? tls_waits : newcomers_refused);
        const auto most = is_short ? std::max(1U, all / 8) : all;
        boost::asio::post(control_.io(), [this, most] { server_.limit_connections(most); });
    }

    /// Everyone who seals or opens, each in its own time.
    void use_keys(const fleet::key_book::ring_pointer& ring) {
        keys_.use(ring);
        api_.use(credential::credential_sealer{ring, settings_.relay.realm});
        relay_.use_keys(ring);
        if (fleet_) fleet_->use(ring);
    }

    /// When the answer has had time to leave.
    void stop_soon() {
        run_after(stop_timer_, std::chrono::milliseconds{100}, [] { process_signals::raise(); });
    }

    /// All at once, or nothing of it. Reads files meanwhile: rare enough for this thread.
    reload_report reload() {
        auto report = try_reload();
        auto& log = telemetry::logger("daemon");
        const auto level = report.faults.empty() ? spdlog::level::info : spdlog::level::err;
        for (const auto& line : report.lines()) log.log(level, "reload: {}", line);
        return report;
    }

    reload_report try_reload() {
        const auto next = load_checked(source_);
        reload_report refused;
        for (const auto& found : next.faults) refused.faults.push_back(found.to_string());
        if (!refused.faults.empty()) return refused;
        auto report = compare(settings_, next.values);
        auto changed = settings_;
        take_reloaded(changed, next.values);
        const auto stamps = reloaded_file_stamps(changed);
        for (auto& key : differing(stamps_, stamps)) {
            if (std::ranges::find(report.applied, key) == report.applied.end()) report.applied.push_back(key);
        }
        static constexpr std::string_view memory_key = "node.memory_mib_max";
        try {
            const auto room = apply(next.values, changed);
            const bool is_about_room = std::ranges::find(report.applied, memory_key) != report.applied.end();
            if (is_about_room && room > relay_.load().sessions_max) {
                report.needs_restart.emplace_back(memory_key);
            }
        } catch (const std::exception& error) {
            return {.applied = {}, .needs_restart = {}, .faults = {error.what()}};
        }
        take_reloaded(settings_, next.values);
        stamps_ = stamps;
        certificates_ = certificate_watch{settings_};
        return report;
    }

    /// What is `changed` are the settings in force with what a reload takes of `next`. What can fail comes
    /// first; the relay's certificate is the last of it. Returns for how many sessions there is room now,
    /// were there tables for them.
    std::uint32_t apply(const config::settings& next, config::settings changed) {
        auto regions = load_regions(next.node);
        if (regions.find(settings_.node.region) == nullptr) {
            throw std::runtime_error{
                fmt::format("{}: lacks this node's region {}; add it, or restart with another",
                            next.node.regions_file.string(), settings_.node.region)};
        }
        auto geoip = open_geoip(next.node);
        std::function<void()> use_api_certificate = [] {};
        if (const auto certificate = certificate_of(next.api); certificate && settings_.api.tls) {
            use_api_certificate = server_.prepare_certificate(*certificate);
        }
        if (next.relay.tls) relay_.renew_certificate(*next.relay.tls);
        const auto room = capacity_of(changed, measure_machine(changed));
        changed.relay.limits.sessions_max = room.sessions;
        relay_.change(changed.relay);
        api_.change(api_rules_of(changed.api));
        load_watch_.limit_memory(changed.node.memory_mib_max);
        server_.change(server_settings_of(changed.api, room_.api_connections));
        regions_.use(std::move(regions));
        if (fleet_) fleet_->use_regions();
        selector_.use(std::move(geoip));
        use_api_certificate();
        telemetry::configure_log(next.log.level, next.log.format);
        const std::lock_guard lock{drain_guard_};
        drain_ = next.drain;
        return room.sessions;
    }

    void watch_certificates() {
        run_after(certificate_timer_, std::chrono::seconds{1}, [this] {
            watch_certificates();
            key_book_.tick(instant::now().wall);
            if (certificates_.has_changed(certificate_stamps(settings_))) reload();
        });
    }

    /// All but is_ready. The status thread.
    [[nodiscard]] node_figures figures() const {
        return {.relay = relay_.counters(),
                .load = relay_.load(),
                .sessions = recorder_.totals(),
                .api = api_.totals(),
                .fleet = fleet_ ? fleet_->channel_totals() : channel::channel_totals{},
                .records_lost = store_.records_lost(),
                .upstream = control_plane_.figures(),
                .process = process_figures::read(),
                .resources = load_watch_.figures(),
                .engine = std::string{relay_.engine()}};
    }

    config::settings settings_;  ///< in force
    mutable std::mutex drain_guard_;
    config::drain_settings drain_{settings_.drain};
    configuration_options source_;
    capacity room_{capacity_of(settings_, measure_machine(settings_))};
    file_stamps stamps_{reloaded_file_stamps(settings_)};
    certificate_watch certificates_{settings_};
    data_directory directory_;
    data_directory_lock lock_;
    fleet::key_book key_book_;
    credential::current_keys keys_;
    store::store store_;
    auth::tenant_directory tenants_;
    auth::token_directory tokens_;
    alternates alternates_;
    relay::relay relay_;
    fleet::region_directory regions_;
    fleet::region_selector selector_;
    fleet::fact_exchange exchange_;
    api::fan_out others_{regions_};
    sessions::override_book overrides_;
    io_thread control_{"control"};
    boost::asio::steady_timer certificate_timer_{control_.io()};
    boost::asio::steady_timer stop_timer_{control_.io()};
    io_thread desk_{"desk"};  ///< for requests that wait for the store
    notices notices_;
    api::control_api api_;
    sessions::session_recorder recorder_;
    upkeep upkeep_;
    control_plane control_plane_;
    figures_clock figures_clock_;
    http::server server_;
    std::optional<fleet_membership> fleet_;
    telemetry::counter ticks_;
    load_watch load_watch_{settings_.node.memory_mib_max, [this](contract::load_step step) { shed(step); }};
    std::optional<status_server> status_;
    ready_event ready_;
    bool running_{false};
    bool records_written_{true};
};

node::node(const config::settings& settings, configuration_options source)
    : state_{std::make_unique<state>(settings, std::move(source))} {}

node::~node() {
    // Only after a start that failed half way is anything left to stop here; its exception goes on.
    try {
        state_->stop();
    } catch (const std::exception& error) {
        telemetry::logger("daemon").error("stopping: {}", error.what());
    }
}

void node::start() { state_->start(); }
ready_event node::ready() const { return state_->ready(); }
const capacity& node::room() const noexcept { return state_->room(); }
void node::request_reload() { state_->request_reload(); }
void node::begin_drain() { state_->begin_drain(); }
config::drain_settings node::drain() const { return state_->drain(); }
std::size_t node::sessions() const noexcept { return state_->sessions(); }
void node::tick() noexcept { state_->tick(); }
std::vector<loop_pulse> node::loops() const { return state_->loops(); }
std::size_t node::stop() { return state_->stop(); }
bool node::has_failed() const noexcept { return state_->has_failed(); }

}  // namespace turnix::daemon
