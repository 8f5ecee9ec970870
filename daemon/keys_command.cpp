#include "daemon/keys_command.hpp"

#include "common/config/loader.hpp"
#include "daemon/control_client.hpp"
#include "daemon/key_control.hpp"
#include "daemon/operator_call.hpp"
#include "daemon/side_settings.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>

namespace turnix::daemon {

namespace {

namespace json = boost::json;

/// The ring in its file, while this process holds the data directory's lock.
http::response answer_offline(const keys_options& options, const http::request& asked) {
    const auto settings = config::load(options.configuration.file, options.configuration.overrides).values;
    if (settings.node.gossip_address && asked.method == http::method::post && !options.force) {
        throw std::runtime_error{
            "turnixd does not run, and nobody can say what the other nodes hold; start it, or use --force"};
    }
    fleet::key_book book{{.file = settings.key_ring_file,
                          .ring = std::make_shared<const credential::key_ring>(
                              credential::key_ring::load(settings.key_ring_file)),
                          .node = 0}};
    store::store records{data_directory{settings.data_directory}.database()};
    const auth::tenant_directory tenants{records};
    return answer_about_keys(book, asked, lifetime_max_of(settings.api, tenants), instant::now().wall);
}

std::string ask_about_keys(const keys_options& options, http::method method, const std::string& path) {
    const auto directory = directory_of(options.configuration);
    auto request = request_of(method, path);
    request.origin = http::origin::control_socket;
    if (options.force) request.query.push_back({"force", "true"});
    const auto lock = data_directory_lock::try_acquire(directory);
    return ask(
        [&](const http::request& asked) {
            return lock ? answer_offline(options, asked) : ask_daemon(directory.control_socket(), asked);
        },
        std::move(request));
}

void print_key(const json::value& key) {
    std::string lacking;
    for (const auto& each : key.at("lacking").as_array()) {
        lacking +=
            fmt::format("{}{}", lacking.empty() ? "  lacking at " : ", ", std::string_view{each.as_string()});
    }
    std::cout << fmt::format("{:>5}  {:<8}  {}  used from {:<24}  good until {}{}\n",
                             key.at("number").as_int64(), text_of(key, "state"), text_of(key, "fingerprint"),
                             text_of(key, "used_at"), text_of(key, "not_after"), lacking);
}

exit_code change(const keys_options& options, std::string_view path) {
    const auto body = ask_about_keys(options, http::method::post, std::string{keys_path} + std::string{path});
    if (options.json) {
        std::cout << body << '\n';
    } else {
        print_key(json::parse(body));
    }
    return exit_code::success;
}

}  // namespace

exit_code run_keys_list(const keys_options& options) {
    const auto body = ask_about_keys(options, http::method::get, std::string{keys_path});
    if (options.json) {
        std::cout << body << '\n';
        return exit_code::success;
    }
    const auto listed = json::parse(body);
    for (const auto& each : listed.at("keys").as_array()) print_key(each);
    return exit_code::success;
}

exit_code run_keys_add(const keys_options& options) { return change(options, ""); }

exit_code run_keys_use(const keys_options& options) {
    return change(options, fmt::format("/{}/use", options.number));
}

exit_code run_keys_retire(const keys_options& options) {
    return change(options, fmt::format("/{}/retire", options.number));
}

}  // namespace turnix::daemon
