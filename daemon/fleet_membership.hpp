// A node's place in the fleet: its key, what it tells and learns by gossip, which regions it hears of, and
// what it asks other nodes and is asked by them, and where it sends clients that it takes no more.
//
// Made and left on the main thread while the control thread does not run; everything between is the control
// thread's, but for what others say of organisations, projects and tokens, which the desk takes over. `parts`
// outlive it, and it outlives the last run of both executors.
#pragma once

#include "api/auth/tenant_mirror.hpp"
#include "api/channel/node_channel.hpp"
#include "api/fleet/fact_exchange.hpp"
#include "api/fleet/gossip_link.hpp"
#include "api/fleet/host_addresses.hpp"
#include "api/fleet/key_book.hpp"
#include "api/fleet/region_directory.hpp"
#include "api/fleet/region_selector.hpp"
#include "api/fleet/region_watch.hpp"
#include "api/resources/control_api.hpp"
#include "api/sessions/override_book.hpp"
#include "api/store/store.hpp"
#include "api/webhooks/webhook_directory.hpp"
#include "common/config/settings.hpp"
#include "daemon/alternates.hpp"
#include "daemon/data_directory.hpp"
#include "relay/relay.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace turnix::daemon {

/// What tells this node's versions of what the gossip shares from those of others; zero without gossip.
/// Throws std::runtime_error when the node's key cannot be read.
std::uint16_t node_number(const config::settings& settings);
/// The same for organisations, projects and tokens: none where nodes share a database instead.
std::optional<std::uint16_t> tenant_node_number(const config::settings& settings);

class fleet_membership {
  public:
    struct parts {
        net::endpoint address;  ///< node.gossip_address
        fleet::region_directory& regions;
        const fleet::region_selector& selector;
        turnix::daemon::alternates& alternates;
        fleet::fact_exchange& exchange;
        api::fan_out& others;
        const api::control_api& api;
        sessions::override_book& overrides;
        store::store& records;
        auth::tenant_directory& tenants;
        auth::token_directory& tokens;
        webhooks::webhook_directory& hooks;
        relay::relay& relay;
        fleet::key_book& keys;
        std::function<void(const fleet::region_change&)> announce;
    };

    struct executors {
        boost::asio::io_context& control;
        boost::asio::any_io_executor desk;
    };

    /// Binds the address. Throws std::runtime_error with the fault and the remedy: the address is taken, or
    /// the regions file lacks this node's key.
    fleet_membership(const executors& on, const config::settings& settings, const data_directory& directory,
                     const parts& from);

    void start();
    /// The regions file is another one: nodes that are new are heard and asked from here on. Who is gone is
    /// asked no more, and heard until the next start.
    void use_regions();
    [[nodiscard]] channel::channel_totals channel_totals() const noexcept { return channel_.totals(); }
    /// From here on the nodes talk under these keys.
    void use(std::shared_ptr<const credential::key_ring> ring) { gossip_.use(std::move(ring)); }
    /// Tells the others that this node stops, and asks and answers nothing more.
    void leave() {
        channel_.stop();
        gossip_.leave();
    }

  private:
    [[nodiscard]] fleet::gossip_link_options options_of(const config::settings& settings,
                                                        const data_directory& directory);
    void learn(const gossip::fact& told);
    /// What this node has made. The desk's thread.
    void tell(const std::vector<model::shared_record>& made);
    void show(std::shared_ptr<const fleet::fleet_view> view);

    executors on_;
    parts parts_;
    std::optional<auth::tenant_mirror> mirror_;  ///< none where nodes share a database
    fleet::host_addresses addresses_;
    fleet::region_watch watch_;
    monotonic_time look_at_;  ///< when the regions are looked at again
    fleet::gossip_link gossip_;
    channel::node_channel channel_;
};

}  // namespace turnix::daemon
