#include "api/upstream/carrier.hpp"

#include "api/upstream/migration.hpp"
#include "common/telemetry/log.hpp"

#include <exception>
#include <utility>

namespace turnix::upstream {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Between two looks for what waits here.
constexpr milliseconds look_interval{250};
/// Between two questions for what is new there, when no notice came.
constexpr seconds ask_interval{1};
constexpr seconds retry_interval{2};
constexpr std::chrono::hours tidy_interval{1};
constexpr seconds stop_timeout{2};

}  // namespace

carrier::carrier(parts of) : parts_{std::move(of)} { parts_.records.run(begin_noting); }

void carrier::start() {
    thread_ = std::thread{[this] { run(); }};
}

void carrier::stop() noexcept {
    if (!thread_.joinable()) return;
    stop_by_ = steady::now() + stop_timeout;
    {
        const std::scoped_lock lock{mutex_};
        stopping_ = true;
    }
    stops_.notify_all();
    thread_.join();
}

figures carrier::now() const noexcept {
    return {.is_connected = connected_,
            .backlog = backlog_,
            .lag = std::chrono::duration_cast<seconds>(steady::now() - in_step_at_.load()),
            .sent = counts_.sent.value(),
            .taken = counts_.taken.value(),
            .conflicts = counts_.conflicts.value(),
            .refused = counts_.refused.value()};
}

void carrier::run() noexcept {
    while (!stopping_) {
        try {
            serve();
        } catch (const std::exception& error) {
            say_away(error.what());
        }
        look_at_backlog();
        pause();
    }
}

void carrier::serve() {
    connection link{parts_.url, [this] { return is_over(); }};
    migrate(link);
    exchange over{{.link = link, .records = parts_.records, .changed = parts_.changed, .counts = counts_}};
    over.pull();
    say_back();
    auto ask_at = steady::now() + ask_interval;
    auto tidy_at = steady::now();
    while (!stopping_) {
        backlog_ = over.push();
        in_step_at_ = steady::now();
        if (steady::now() >= tidy_at) {
            over.forget_old_history();
            tidy_at += tidy_interval;
        }
        if (!link.wait_for_notice(look_interval) && steady::now() < ask_at) continue;
        over.pull();
        ask_at = steady::now() + ask_interval;
    }
    over.push();
}

void carrier::say_away(std::string_view reason) {
    connected_ = false;
    if (std::exchange(has_said_away_, true)) return;
    telemetry::logger("api.upstream")
        .warn("the shared database is away, this node goes on from its store: {}", reason);
}

void carrier::say_back() {
    connected_ = true;
    if (!std::exchange(has_said_back_, true)) {
        telemetry::logger("api.upstream").info("in step with the shared database");
    } else if (has_said_away_) {
        telemetry::logger("api.upstream").info("the shared database is back");
    }
    has_said_away_ = false;
}

void carrier::look_at_backlog() noexcept try {
    parts_.records.run([this](auto& database) { backlog_ = count_waiting(database); });
} catch (const std::exception& error) {
    say_away(error.what());
}

void carrier::pause() {
    std::unique_lock lock{mutex_};
    stops_.wait_for(lock, retry_interval, [this] { return stopping_.load(); });
}

bool carrier::is_over() const noexcept { return stopping_ && steady::now() > stop_by_.load(); }

void forget_upstream(store::store& records) { records.run(end_noting); }

}  // namespace turnix::upstream
