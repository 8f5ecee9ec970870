#include "daemon/status_server.hpp"

#include "common/clock/run_after.hpp"
#include "common/telemetry/metrics.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>
#include <utility>

namespace turnix::daemon {
namespace {

constexpr std::chrono::seconds look_interval{1};

boost::json::array to_json(const std::vector<std::string>& texts) {
    return boost::json::array(texts.begin(), texts.end());  // with braces it would be a list of two
}

http::response document(bool is_well, const boost::json::object& members) {
    return http::json_response(is_well ? 200 : 503, boost::json::serialize(members));
}

http::server_settings few_connections() {
    http::server_settings settings;
    settings.limits.connections_max = 64;
    return settings;
}

}  // namespace

status_server::status_server(const net::endpoint& address, sources asked)
    : sources_{std::move(asked)},
      server_{thread_.io(), few_connections(),
              [this](const http::request& request) { return router_.answer(request, instant::now()); }},
      address_{server_.listen(address)} {
    const auto add = [this](const char* path, auto answer) {
        router_.add({http::method::get, path},
                    [answer](const http::request& request, const http::context&) { return answer(request); });
    };
    add("/healthz", [this](const http::request&) { return healthz(); });
    add("/readyz", [this](const http::request&) { return readyz(); });
    add("/version", [](const http::request&) { return document(true, {{"version", TURNIX_VERSION}}); });
    add("/metrics", [this](const http::request& request) { return metrics(request); });
}

void status_server::start() {
    watch_loops();
    server_.start();
    thread_.start();
}

void status_server::stop() {
    thread_.stop();
    server_.stop();
}

void status_server::watch_loops() {
    run_after(timer_, look_interval, [this] { watch_loops(); });
    stuck_ = watch_.look(instant::now().monotonic, sources_.loops());
}

std::vector<std::string> status_server::reasons_not_ready() const {
    std::vector<std::string> reasons;
    const auto load = sources_.load();
    if (load.draining) reasons.emplace_back("draining");
    if (load.sessions >= load.sessions_max) reasons.emplace_back("full");
    if (load.step >= contract::load_step::newcomers_refused) reasons.emplace_back("overloaded");
    if (!stuck_.empty()) reasons.emplace_back("stuck");
    return reasons;
}

http::response status_server::healthz() const {
    return document(stuck_.empty(),
                    {{"status", stuck_.empty() ? "ok" : "failing"}, {"stuck", to_json(stuck_)}});
}

http::response status_server::readyz() const {
    const auto reasons = reasons_not_ready();
    return document(reasons.empty(), {{"ready", reasons.empty()},
                                      {"reasons", to_json(reasons)},
                                      {"degraded", to_json(sources_.degraded())}});
}

http::response status_server::metrics(const http::request& asked) const {
    auto figures = sources_.figures();
    figures.is_ready = reasons_not_ready().empty();
    const auto format = telemetry::accepted_format(asked.headers.list("Accept"));
    return {.status = 200,
            .headers = {{"Content-Type", std::string{telemetry::content_type(format)}}},
            .body = telemetry::to_text(node_metrics(figures), format)};
}

}  // namespace turnix::daemon
