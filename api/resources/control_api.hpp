// The HTTP API of a node: its parts joined, and the routes that lead to them.
//
// Thread of the server's io_context. What the API offers is written down in api/openapi.yaml.
#pragma once

#include "api/http/router.hpp"
#include "api/resources/audit.hpp"
#include "api/resources/credentials.hpp"
#include "api/resources/event_streams.hpp"
#include "api/resources/figures_book.hpp"
#include "api/resources/front_desk.hpp"
#include "api/resources/guard.hpp"
#include "api/resources/ice_credentials.hpp"
#include "api/resources/live_groups.hpp"
#include "api/resources/projects.hpp"
#include "api/resources/regions.hpp"
#include "api/resources/sessions.hpp"
#include "api/resources/stats.hpp"
#include "api/resources/tokens.hpp"
#include "api/resources/usage.hpp"
#include "api/resources/webhooks.hpp"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace turnix::api {

/// What the API works on; all of it outlives the API.
struct api_parts {
    auth::tenant_directory& tenants;
    auth::token_directory& tokens;
    store::store& records;
    turnix::webhooks::webhook_directory& hooks;
    events::event_bus& bus;
    const fleet::region_directory& regions;
    const fleet::region_selector& selector;
    contract::session_control& relay;
    turnix::sessions::override_book& overrides;
    const fleet::fact_exchange& exchange;
    const fan_out& others;
    credential::current_keys keys;
    std::optional<timed_issuer> timed{};
};

struct api_rules {
    credential_rules credentials;
    http::request_rate requests_per_token{.per_second = 200, .burst = 400};
    turnix::webhooks::target_policy webhook_targets{false};
};

class control_api {
  public:
    /// `own_node` is this node as clients reach it, see fleet::own_node.
    control_api(const api_parts& parts, credential::credential_sealer sealer,
                const fleet::node_entry& own_node, const api_rules& rules, lanes where);
    control_api(const control_api&) = delete;
    control_api& operator=(const control_api&) = delete;

    [[nodiscard]] http::response answer(const http::request& asked, instant now) const {
        return router_.answer(asked, now);
    }
    /// What is issued from here on is sealed with it. Control thread.
    void use(credential::credential_sealer sealer) { ice_credentials_.use(std::move(sealer)); }
    /// Requests that come later go by these; the targets of webhooks stay as they are.
    void change(const api_rules& rules);
    [[nodiscard]] std::vector<http::route> routes() const { return router_.routes(); }
    /// How often each route has answered. Any thread.
    [[nodiscard]] std::vector<http::route_totals> totals() const { return router_.totals(); }

    /// Ends an interval of the figures, figures_book::interval after the last. Control thread.
    void show(const relay_look& seen, instant now);
    /// Looks after the event streams, every second or two. Control thread.
    void beat(wall_time now) { event_streams_.beat(now); }

  private:
    void add(std::vector<endpoint> of_resource);

    guard guard_;
    figures_book figures_;
    event_streams event_streams_;
    front_desk desk_;
    current_rules rules_;
    ice_credentials ice_credentials_;
    credentials credentials_;
    sessions sessions_;
    live_groups live_groups_;
    usage usage_;
    stats stats_;
    regions regions_;
    tokens tokens_;
    projects projects_;
    audit audit_;
    webhooks webhooks_;
    http::router router_;
};

}  // namespace turnix::api
