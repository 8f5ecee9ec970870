#include "daemon/control_commands.hpp"

#include "api/http/percent.hpp"
#include "common/config/loader.hpp"
#include "daemon/control_client.hpp"
#include "daemon/operator_call.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <iostream>
#include <stdexcept>
#include <utility>

namespace turnix::daemon {
namespace {

namespace json = boost::json;

api_caller daemon_of(const control_options& options) {
    return [directory = directory_of(options.configuration)](http::request request) {
        request.origin = http::origin::control_socket;
        return ask_daemon(directory.control_socket(), request);
    };
}

http::request request_in_project(const control_options& options, http::method method, std::string path) {
    auto request = request_of(method, std::move(path));
    if (!options.project.empty()) request.headers.add("X-Project", options.project);
    return request;
}

/// The parameter, when it was given.
void add_parameter(http::request& to, const char* name, const std::string& value) {
    if (!value.empty()) to.query.push_back({name, value});
}

std::string path_of(std::string_view list, const std::string& id) {
    return fmt::format("{}/{}", list, http::percent_encoded(id));
}

void print_session(const json::value& session) {
    const auto& traffic = session.at("traffic");
    std::cout << fmt::format("{}  {:<5}  {:<4}  {:<24}  {:<16}  {} → {}  up {} bytes, down {} bytes\n",
                             text_of(session, "id"), text_of(session, "state"), text_of(session, "transport"),
                             text_of(session, "started_at"), text_of(session, "room"),
                             text_of(session, "client_address"), text_of(session, "relayed_address"),
                             traffic.at("uplink_bytes").to_number<std::uint64_t>(),
                             traffic.at("downlink_bytes").to_number<std::uint64_t>());
}

/// It answers with how many sessions go on.
exit_code run_stop(const control_options& options) {
    const auto body = ask(daemon_of(options), request_of(http::method::post, std::string{stop_path}));
    const auto sessions = json::parse(body).at("sessions").as_int64();
    if (options.json) {
        std::cout << body << '\n';
    } else {
        std::cout << fmt::format("turnixd drains and stops; {} sessions live\n", sessions);
    }
    return exit_code::success;
}

std::string_view state_of(const json::value& region) {
    if (region.at("is_operational").as_bool()) return "operational";
    return region.at("is_online").as_bool() ? "online" : "offline";
}

std::string own_slug(const control_options& options) {
    return config::load(options.configuration.file, options.configuration.overrides).values.node.region;
}

json::value own_region(const control_options& options, const api_caller& daemon) {
    const auto regions =
        json::parse(ask(daemon, request_in_project(options, http::method::get, "/api/v1/regions")));
    const auto slug = own_slug(options);
    for (const auto& each : regions.as_array()) {
        if (text_of(each, "slug") == slug) return each;
    }
    throw std::runtime_error{
        fmt::format("the daemon knows no region {}; start it anew with this configuration", slug)};
}

/// Those of the last two seconds; null when there are none yet.
json::value latest_figures(const control_options& options, const api_caller& daemon) {
    const auto stats =
        json::parse(ask(daemon, request_in_project(options, http::method::get, "/api/v1/stats")));
    const auto& samples = stats.at("items").as_array();
    return samples.empty() ? json::value(nullptr) : samples.back();
}

void print_figures(const json::value& figures) {
    const auto& node = figures.at("node");
    const auto number = [&node](const char* name) { return node.at(name).to_number<double>(); };
    std::cout << fmt::format(
        "sessions  {:.0f} of at most {:.0f}\n"
        "relayed   {:.0f} bit/s from clients, {:.0f} bit/s to them\n"
        "issued    {:.1f} credentials/s\n",
        number("live_sessions"), number("sessions_max"), number("uplink_bps"), number("downlink_bps"),
        number("issued_per_s"));
    for (const auto& [reason, rate] : node.at("refused_per_s").as_object()) {
        std::cout << fmt::format("refused   {:.1f}/s {}\n", rate.to_number<double>(),
                                 std::string_view{reason});
    }
}

}  // namespace

exit_code run_sessions_list(const control_options& options) {
    auto request = request_in_project(options, http::method::get, "/api/v1/sessions");
    add_parameter(request, "room", options.room);
    add_parameter(request, "client", options.client);
    if (options.live != options.ended) request.query.push_back({"state", options.live ? "live" : "ended"});
    auto sessions = ask_for_all(daemon_of(options), request);
    if (options.json) {
        std::cout << json::serialize(json::object{{"items", std::move(sessions)}}) << '\n';
        return exit_code::success;
    }
    for (const auto& each : sessions) print_session(each);
    return exit_code::success;
}

exit_code run_sessions_show(const control_options& options) {
    const auto body = ask(daemon_of(options), request_in_project(options, http::method::get,
                                                                 path_of("/api/v1/sessions", options.id)));
    if (options.json) {
        std::cout << body << '\n';
    } else {
        print_session(json::parse(body));
    }
    return exit_code::success;
}

exit_code run_sessions_end(const control_options& options) {
    ask(daemon_of(options),
        request_in_project(options, http::method::delete_, path_of("/api/v1/sessions", options.id)));
    if (options.json) {
        std::cout << json::serialize(json::object{{"id", options.id}, {"state", "ended"}}) << '\n';
    } else {
        std::cout << fmt::format("Session {} has ended\n", options.id);
    }
    return exit_code::success;
}

exit_code run_revoke(const control_options& options) {
    constexpr std::string_view all = "/api/v1/credentials";
    auto request = request_in_project(options, http::method::delete_,
                                      options.id.empty() ? std::string{all} : path_of(all, options.id));
    add_parameter(request, "room", options.room);
    add_parameter(request, "client", options.client);
    add_parameter(request, "token", options.token);
    request.query.push_back({"sessions", options.drain ? "drain" : "terminate"});
    const auto body = ask(daemon_of(options), std::move(request));
    if (options.json) {
        std::cout << body << '\n';
    } else {
        std::cout << fmt::format("Revoked; live sessions {}\n", options.drain ? "go on" : "have ended");
    }
    return exit_code::success;
}

exit_code run_status(const control_options& options) {
    const auto daemon = daemon_of(options);
    auto region = own_region(options, daemon);
    auto figures = latest_figures(options, daemon);
    if (options.json) {
        std::cout << json::serialize(
                         json::object{{"region", std::move(region)}, {"figures", std::move(figures)}})
                  << '\n';
        return exit_code::success;
    }
    std::cout << fmt::format("{}  {}\n", text_of(region, "slug"), state_of(region));
    if (figures.is_null()) {
        std::cout << "It has only just started; its figures follow within two seconds\n";
    } else {
        print_figures(figures);
    }
    return exit_code::success;
}

exit_code run_drain(const control_options& options) {
    if (options.stop) return run_stop(options);
    const auto own = own_slug(options);
    auto request = request_in_project(options, http::method::patch, path_of("/api/v1/regions", own));
    request.headers.add("Content-Type", "application/json");
    request.body = json::serialize(json::object{{"is_operational", options.off}});
    const auto body = ask(daemon_of(options), std::move(request));
    if (options.json) {
        std::cout << body << '\n';
    } else {
        std::cout << fmt::format("{} {}\n", own,
                                 options.off ? "takes new calls again" : "takes no new calls");
    }
    return exit_code::success;
}

exit_code run_regions(const control_options& options) {
    const auto body =
        ask(daemon_of(options), request_in_project(options, http::method::get, "/api/v1/regions"));
    if (options.json) {
        std::cout << body << '\n';
        return exit_code::success;
    }
    const auto regions = json::parse(body);
    for (const auto& region : regions.as_array()) {
        std::cout << fmt::format("{:<24}  {:<12}  {}\n", text_of(region, "slug"), state_of(region),
                                 text_of(region, "name"));
    }
    return exit_code::success;
}

}  // namespace turnix::daemon
