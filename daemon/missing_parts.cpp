#include "daemon/missing_parts.hpp"

#include "api/auth/bootstrap.hpp"
#include "api/fleet/node_key.hpp"
#include "api/store/store.hpp"
#include "common/credential/key_ring.hpp"
#include "common/credential/private_file.hpp"
#include "daemon/checked_settings.hpp"
#include "daemon/data_directory.hpp"
#include "daemon/initial_keys.hpp"
#include "daemon/operator_call.hpp"
#include "daemon/sample_regions.hpp"
#include "daemon/self_signed_certificate.hpp"

#include <filesystem>
#include <iostream>
#include <system_error>

namespace turnix::daemon {
namespace {

namespace fs = std::filesystem;

void make_directory(const fs::path& directory) {
    if (!fs::create_directories(directory)) return;
    fs::permissions(directory, fs::perms::owner_all);
}

void make_certificate(const config::settings& settings) {
    const auto& tls = settings.relay.tls;
    if (!tls || fs::exists(tls->certificate) || fs::exists(tls->private_key)) return;
    const auto& host = settings.node.public_host;
    const auto made = make_self_signed_certificate(host.empty() ? "localhost" : host, instant::now().wall);
    credential::write_private_file(tls->certificate, made.certificate);
    credential::write_private_file(tls->private_key, made.private_key);
}

/// Nothing when there is an organisation already.
void make_first_tenant(const missing_parts_options& options, const data_directory& data) {
    const data_directory_lock lock{data};
    store::store store{data.database()};
    if (options.join || !store.organisations().empty()) return;
    const auto made = auth::bootstrap(store, {options.organisation, options.project}, instant::now().wall);
    std::cout << made.token_text << '\n';
}

}  // namespace

exit_code make_missing_parts(const missing_parts_options& options) {
    const auto data = directory_of(options.configuration);
    const auto before = load_checked(options.configuration);
    const auto& settings = before.values;
    make_directory(data.path);
    if (!fs::exists(settings.key_ring_file)) {
        (options.join ? credential::key_ring::load(*options.join) : initial_keys())
            .save(settings.key_ring_file);
    }
    if (!fs::exists(settings.node_key_file)) fleet::make_node_key(settings.node_key_file);
    if (!fs::exists(settings.node.regions_file)) {
        credential::write_private_file(settings.node.regions_file, sample_regions);
    }
    make_certificate(settings);
    make_first_tenant(options, data);
    const auto after = load_checked(options.configuration);
    print_faults(after);
    return after.faults.empty() ? exit_code::success : exit_code::failure;
}

}  // namespace turnix::daemon
