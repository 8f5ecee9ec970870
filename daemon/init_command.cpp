#include "daemon/init_command.hpp"

#include "api/auth/bootstrap.hpp"
#include "api/fleet/node_key.hpp"
#include "api/fleet/region_catalogue.hpp"
#include "api/store/store.hpp"
#include "common/config/certificate_check.hpp"
#include "common/config/reference.hpp"
#include "common/credential/private_file.hpp"
#include "daemon/data_directory.hpp"
#include "daemon/initial_keys.hpp"
#include "daemon/sample_regions.hpp"
#include "daemon/self_signed_certificate.hpp"
#include "relay/io/interfaces.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <stdexcept>
#include <string_view>

namespace turnix::daemon {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view configuration_name = "turnixd.yaml";
constexpr std::string_view certificate_name = "certificate.pem";
constexpr std::string_view private_key_name = "private_key.pem";

/// The directory, empty and of mode 0700 at first; emptied again unless what was made in it is kept.
class new_directory {
  public:
    explicit new_directory(const fs::path& path) : path_{path} {
        if (fs::exists(path) && !(fs::is_directory(path) && fs::is_empty(path))) {
            throw std::runtime_error{
                fmt::format("{}: exists and is not empty; name a directory that is new or empty, or remove "
                            "this one first",
                            path.string())};
        }
        made_ = fs::create_directories(path);
        fs::permissions(path, fs::perms::owner_all);
    }
    ~new_directory() {
        if (kept_) return;
        std::error_code ignored;
        for (const auto& entry : fs::directory_iterator{path_, ignored})
            fs::remove_all(entry.path(), ignored);
        if (made_) fs::remove(path_, ignored);
    }
    new_directory(const new_directory&) = delete;
    new_directory& operator=(const new_directory&) = delete;

    void keep() noexcept { kept_ = true; }

  private:
    fs::path path_;
    bool made_{false};
    bool kept_{false};
};

std::vector<contract::listener_settings> default_listeners() {
    using net::transport;
    const auto loopback6 = net::address::parse("::1").value();
    const auto interfaces = io::interface_addresses();
    std::vector<net::address> addresses{net::address::parse("127.0.0.1").value()};
    // A machine without IPv6 could not bind it.
    if (std::ranges::find(interfaces, loopback6) != interfaces.end()) addresses.push_back(loopback6);
    std::vector<contract::listener_settings> listeners;
    for (const auto& address : addresses) {
        listeners.push_back({.transport = transport::udp, .address = {address, 3478}});
        listeners.push_back({.transport = transport::tcp, .address = {address, 3478}});
        listeners.push_back({.transport = transport::tls, .address = {address, 5349}});
    }
    return listeners;
}

void check_region(const std::string& region) {
    const auto catalogue = fleet::region_catalogue::parse(std::string{sample_regions}, "regions.yaml");
    if (catalogue->find(region) != nullptr) return;
    std::string slugs;
    for (const auto& known : catalogue->regions()) {
        slugs += fmt::format("{}{}", slugs.empty() ? "" : ", ", known.slug);
    }
    throw std::runtime_error{
        fmt::format("--region \"{}\" is not among the sample regions; give one of {}", region, slugs)};
}

/// The pair that was given, or one that is made, in `data`.
contract::tls_settings certificate_for(const init_options& options) {
    if (options.certificate && options.private_key) {
        contract::tls_settings given{.certificate = fs::absolute(*options.certificate),
                                     .private_key = fs::absolute(*options.private_key)};
        if (const auto found = config::check_certificate(given)) {
            const auto& file =
                found->file == config::certificate_file::certificate ? given.certificate : given.private_key;
            throw std::runtime_error{fmt::format("{}: {}; {}", file.string(), found->problem, found->remedy)};
        }
        return given;
    }
    const auto made = make_self_signed_certificate(options.public_host, instant::now().wall);
    credential::write_private_file(options.data / certificate_name, made.certificate);
    credential::write_private_file(options.data / private_key_name, made.private_key);
    return {.certificate = certificate_name, .private_key = private_key_name};
}

config::settings initial_settings(const init_options& options, contract::tls_settings tls) {
    config::settings settings;
    settings.node.region = options.region;
    settings.node.public_host = options.public_host;
    settings.relay.listeners = default_listeners();
    settings.relay.tls = std::move(tls);
    return settings;
}

std::string public_key_of(const fs::path& node_key_file) {
    return fleet::to_text(crypto::ed25519_key{fleet::load_node_key(node_key_file)}.public_key());
}

/// The first tenant's token; empty for a node that joins those who have one.
std::string make_first_tenant(const init_options& options, const data_directory& data) {
    const data_directory_lock lock{data};
    store::store store{data.database()};
    if (options.join) return {};
    return auth::bootstrap(store, {options.organisation, options.project}, instant::now().wall).token_text;
}

void print_result(const init_options& options, const std::string& token, const std::string& public_key) {
    const auto file = fs::absolute(options.data / configuration_name).lexically_normal().string();
    if (options.json) {
        const auto shown = token.empty() ? boost::json::value(nullptr) : boost::json::value(token);
        std::cout << boost::json::serialize(
                         boost::json::object{{"config", file}, {"token", shown}, {"public_key", public_key}})
                  << '\n';
        return;
    }
    std::cout << fmt::format("Wrote {}\n", file);
    if (token.empty()) {
        std::cout << "Organisations, projects and tokens are those of the fleet, once it gossips\n";
    } else {
        std::cout << fmt::format(
            "Organisation \"{}\" with project \"{}\"; its first token, shown this once:\n  {}\n",
            options.organisation, options.project, token);
    }
    std::cout << fmt::format(
        "For a fleet, every node's regions.yaml has this node's key (node.gossip_address):\n"
        "  public_key: {}\n"
        "Start it: turnixd run --config {}\n",
        public_key, file);
}

}  // namespace

exit_code run_init(const init_options& options) {
    check_region(options.region);
    new_directory directory{options.data};
    const auto settings = initial_settings(options, certificate_for(options));
    const data_directory data{options.data};
    (options.join ? credential::key_ring::load(*options.join) : initial_keys())
        .save(options.data / settings.key_ring_file);
    fleet::make_node_key(options.data / settings.node_key_file);
    credential::write_private_file(options.data / settings.node.regions_file, sample_regions);
    credential::write_private_file(options.data / configuration_name, config::commented_file(settings));
    const auto token = make_first_tenant(options, data);
    directory.keep();
    print_result(options, token, public_key_of(options.data / settings.node_key_file));
    return exit_code::success;
}

}  // namespace turnix::daemon
