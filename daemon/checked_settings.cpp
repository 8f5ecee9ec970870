#include "daemon/checked_settings.hpp"

#include "api/fleet/geoip.hpp"
#include "api/fleet/node_key.hpp"
#include "api/fleet/region_catalogue.hpp"
#include "common/config/loader.hpp"
#include "common/config/spelling.hpp"
#include "common/credential/key_ring.hpp"
#include "common/credential/static_users.hpp"
#include "common/credential/timed_username.hpp"
#include "daemon/control_plane.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <iostream>
#include <iterator>

namespace turnix::daemon {
namespace {

/// Opens a file of another room, whose exception tells file, fault and remedy.
template <class Open>
void check_opens(config::configuration& loaded, std::string_view key, Open open) {
    try {
        open();
    } catch (const std::exception& error) {
        loaded.refuse(key, fmt::format("cannot be used: {}", error.what()), {});
    }
}

void check_interop(config::configuration& loaded) {
    const auto& interop = loaded.values.relay.interop;
    if (const auto& file = interop.shared_secrets_file) {
        check_opens(loaded, "relay.interop.shared_secrets_file",
                    [&] { credential::load_shared_secrets(*file); });
    }
    if (const auto& file = interop.users_file) {
        check_opens(loaded, "relay.interop.users_file", [&] { credential::load_static_users(*file); });
    }
}

void check_upstream(config::configuration& loaded) {
    const auto& store = loaded.values.store;
    check_opens(loaded, store.upstream_file ? "store.upstream_file" : "store.upstream",
                [&] { (void)upstream_url_of(store); });
}

void check_region(config::configuration& loaded, const fleet::region_catalogue& catalogue) {
    const auto& node = loaded.values.node;
    if (catalogue.find(node.region) != nullptr) return;
    std::vector<std::string_view> known;
    std::ranges::transform(catalogue.regions(), std::back_inserter(known), &fleet::region_entry::slug);
    const auto meant = config::nearest(node.region, known);
    loaded.refuse("node.region", fmt::format("is not in {}", node.regions_file.string()),
                  meant.empty() ? "give one of its slugs, or add the region there"
                                : fmt::format("did you mean {}?", meant));
}

void check_regions(config::configuration& loaded) {
    const auto catalogue = fleet::region_catalogue::load(loaded.values.node.regions_file);
    if (catalogue) return check_region(loaded, *catalogue);
    const auto& faults = catalogue.error();
    loaded.faults.insert(loaded.faults.end(), faults.begin(), faults.end());
}

}  // namespace

config::configuration load_checked(const configuration_options& options) {
    auto loaded = config::load(options.file, options.overrides);
    const auto& values = loaded.values;
    check_opens(loaded, "data.key_ring_file", [&] { credential::key_ring::load(values.key_ring_file); });
    check_interop(loaded);
    check_upstream(loaded);
    check_regions(loaded);
    if (values.node.geoip_file) {
        check_opens(loaded, "node.geoip_file", [&] { fleet::geoip::open(*values.node.geoip_file); });
    }
    if (values.node.gossip_address) {
        check_opens(loaded, "data.node_key_file", [&] { (void)fleet::load_node_key(values.node_key_file); });
    }
    return loaded;
}

void print_faults(const config::configuration& loaded) {
    for (const auto& found : loaded.faults) std::cerr << found.to_string() << '\n';
}

}  // namespace turnix::daemon
