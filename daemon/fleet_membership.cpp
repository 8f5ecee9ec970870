#include "daemon/fleet_membership.hpp"

#include "api/fleet/ice_urls.hpp"
#include "api/fleet/node_key.hpp"
#include "api/fleet/override_fact.hpp"
#include "api/fleet/record_fact.hpp"
#include "api/fleet/start_count.hpp"
#include "api/store/override_table.hpp"

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace turnix::daemon {

namespace {

/// The node that others know by this key must be in the regions file, or they would hear nobody.
void check_own_key(const crypto::secret<32>& key, const fleet::region_entry& own_region) {
    const auto public_key = crypto::ed25519_key{key}.public_key();
    const bool is_pinned = std::ranges::any_of(own_region.nodes, [&](const fleet::node_entry& node) {
        return node.gossiper && node.gossiper->key == public_key;
    });
    if (is_pinned) return;
    throw std::runtime_error{fmt::format(
        "node.gossip_address is set, and region {} of the regions file has no node with this one's key; add "
        "to its entry, on every node: gossip: ADDRESS:PORT, public_key: {}",
        own_region.slug, fleet::to_text(public_key))};
}

std::vector<gossip::fact> facts_of(const auto& made) {
    std::vector<gossip::fact> facts;
    facts.reserve(made.size());
    for (const auto& each : made) facts.push_back(fleet::fact_of(each));
    return facts;
}

std::vector<gossip::fact> stored_overrides(store::store& records) {
    std::vector<contract::credential_override> known;
    records.run([&known](auto& database) { known = store::read_overrides(database); });
    return facts_of(known);
}

/// "eu.example.net in eu-central"
std::string name_of(const fleet::region_directory& regions, const gossip::node_id& id) {
    const auto is_meant = [&id](const auto& node) { return node.gossiper && node.gossiper->id == id; };
    for (const auto& region : regions.regions()) {
        const auto node = std::ranges::find_if(region.nodes, is_meant);
        if (node != region.nodes.end()) return fmt::format("{} in {}", node->host, region.slug);
    }
    return id.to_string();
}

std::optional<auth::tenant_mirror> mirror_of(const fleet_membership::parts& from) {
    if (!from.tenants.versions().are_kept()) return std::nullopt;
    return auth::tenant_mirror{
        {.records = from.records,
         .tenants = from.tenants,
         .tokens = from.tokens,
         .forget_project = [&hooks = from.hooks](project_id gone) { hooks.forget(gone); }}};
}

}  // namespace

std::uint16_t node_number(const config::settings& settings) {
    if (!settings.node.gossip_address) return 0;
    const auto key = fleet::load_node_key(settings.node_key_file);
    const auto id = gossip::node_id_of(crypto::ed25519_key{key}.public_key());
    return static_cast<std::uint16_t>(id.bytes[0] << 8U | id.bytes[1]);
}

std::optional<std::uint16_t> tenant_node_number(const config::settings& settings) {
    if (settings.store.is_shared()) return std::nullopt;
    return node_number(settings);
}

fleet_membership::fleet_membership(const executors& on, const config::settings& settings,
                                   const data_directory& directory, const parts& from)
    : on_{on},
      parts_{from},
      mirror_{mirror_of(from)},
      addresses_{on.control.get_executor()},
      gossip_{on.control.get_executor(), options_of(settings, directory), from.relay},
      channel_{on.control,
               {.address = from.address,
                .key = fleet::load_node_key(settings.node_key_file),
                .nodes = from.regions.gossipers()},
               [&api = from.api](const http::request& asked) { return api.answer(asked, instant::now()); }} {
    parts_.exchange.join(
        [this](gossip::fact made, auto then) { gossip_.publish(std::move(made), std::move(then)); });
    parts_.others.join(channel_.own_id(), [this](const auto& node, const auto& what, auto then) {
        channel_.ask(node, what, std::move(then));
    });
    if (mirror_) parts_.tenants.versions().join([this](const auto& made) { tell(made); });
    parts_.keys.join({.self = gossip_.id(),
                      .living = [this] { return gossip_.living(); },
                      .tell = [this](gossip::fact made) { gossip_.publish(std::move(made), [](auto&&) {}); },
                      .name_of = [&regions = from.regions](const auto& id) { return name_of(regions, id); }});
}

void fleet_membership::start() {
    gossip_.start();
    channel_.start();
    parts_.keys.announce(instant::now().wall);
}

void fleet_membership::use_regions() {
    const auto nodes = parts_.regions.gossipers();
    gossip_.add(nodes);
    channel_.use(nodes);
}

fleet::gossip_link_options fleet_membership::options_of(const config::settings& settings,
                                                        const data_directory& directory) {
    const auto key = fleet::load_node_key(settings.node_key_file);
    auto& regions = parts_.regions;
    check_own_key(key, regions.own());
    auto facts = stored_overrides(parts_.records);
    if (mirror_) std::ranges::move(facts_of(mirror_->start(instant::now().wall)), std::back_inserter(facts));
    std::ranges::move(parts_.keys.facts(), std::back_inserter(facts));
    const auto own = fleet::own_node(settings.node.public_host, regions.own(), parts_.relay.listeners());
    return {.address = parts_.address,
            .key = key,
            .nodes = regions.gossipers(),
            .keys = parts_.keys.shared_ring(),
            .starts = fleet::count_start(directory.start_count()),
            .ports = {.udp = own.udp, .tcp = own.tcp, .tls = own.tls, .dtls = own.dtls},
            .facts = std::move(facts),
            .learn = [this](const gossip::fact& told) { learn(told); },
            .show = [this](auto view) { show(std::move(view)); },
            .name_of = [&regions](const auto& id) { return name_of(regions, id); }};
}

void fleet_membership::learn(const gossip::fact& told) {
    if (const auto made = fleet::override_of(told)) parts_.overrides.take(*made);
    parts_.keys.take(told, instant::now().wall);
    if (!mirror_) return;
    if (auto record = fleet::record_of(told)) {
        boost::asio::post(
            on_.desk, [this, record = *std::move(record)] { mirror_->take(record, instant::now().wall); });
    }
}

void fleet_membership::tell(const std::vector<model::shared_record>& made) {
    boost::asio::post(on_.control, [this, facts = facts_of(made)] {
        parts_.exchange.tell(facts, [](const fleet::reached_regions&) {});
    });
}

void fleet_membership::show(std::shared_ptr<const fleet::fleet_view> view) {
    constexpr std::chrono::milliseconds interval{250};
    parts_.regions.heed(std::move(view));
    const auto now = instant::now().monotonic;
    if (now < look_at_) return;
    look_at_ = now + interval;
    for (const auto& change : watch_.look(parts_.regions)) parts_.announce(change);
    parts_.alternates.use(std::make_shared<const fleet::standby_nodes>(
        parts_.regions, parts_.selector,
        [this, now](const std::string& host) { return addresses_.of(host, now); }));
}

}  // namespace turnix::daemon
