#include "api/resources/control_api.hpp"

#include "api/resources/openapi.hpp"
#include "api/resources/page.hpp"

#include <utility>

namespace turnix::api {

namespace {

using http::method;

http::response healthz(const http::request& /*asked*/, const http::context& /*with*/) {
    return http::json_response(200, R"({"status":"ok"})");
}

/// Who asks as other TURN servers are asked has the token in the query.
http::handler with_key_as_token(http::handler serve) {
    return [serve = std::move(serve)](const http::request& asked, const http::context& with) {
        const auto* const key = find_parameter(asked, "key");
        if (key == nullptr || asked.headers.find("Authorization") != nullptr) return serve(asked, with);
        auto named = asked;
        named.headers.add("Authorization", "Bearer " + *key);
        return serve(named, with);
    };
}

}  // namespace

control_api::control_api(const api_parts& parts, credential::credential_sealer sealer,
                         const fleet::node_entry& own_node, const api_rules& rules, lanes where)
    : guard_{{.tokens = parts.tokens, .tenants = parts.tenants}, rules.requests_per_token},
      event_streams_{{.admission = guard_, .tenants = parts.tenants, .control = where.control}},
      desk_{guard_, parts.records, std::move(where), &parts.others},
      rules_{rules.credentials},
      ice_credentials_{{.records = parts.records,
                        .regions = parts.regions,
                        .selector = parts.selector,
                        .overrides = parts.overrides,
                        .figures = figures_,
                        .timed = parts.timed},
                       std::move(sealer),
                       own_node,
                       rules_},
      credentials_{{.records = parts.records,
                    .overrides = parts.overrides,
                    .keys = parts.keys,
                    .bus = parts.bus,
                    .exchange = parts.exchange},
                   rules_},
      sessions_{{.records = parts.records,
                 .relay = parts.relay,
                 .keys = parts.keys,
                 .here = {.region = parts.regions.own().slug, .node = own_node.host}}},
      live_groups_{parts.records, parts.relay},
      usage_{parts.records},
      stats_{figures_, parts.tenants, parts.regions.own().slug},
      regions_{{.directory = parts.regions,
                .selector = parts.selector,
                .relay = parts.relay,
                .tenants = parts.tenants}},
      tokens_{parts.tokens, parts.tenants},
      projects_{{.tenants = parts.tenants,
                 .tokens = parts.tokens,
                 .hooks = parts.hooks,
                 .overrides = parts.overrides,
                 .exchange = parts.exchange,
                 .rules = rules_}},
      audit_{parts.records, parts.tenants},
      webhooks_{parts.records, parts.hooks, rules.webhook_targets} {
    add(ice_credentials_.endpoints());
    const auto timed = ice_credentials_.timed_endpoint();
    router_.add(timed.where, with_key_as_token(desk_.serve(timed)));
    add(credentials_.endpoints());
    add(sessions_.endpoints());
    add(live_groups_.endpoints());
    add(usage_.endpoints());
    add(stats_.endpoints());
    add(event_streams_.endpoints());
    add(regions_.endpoints());
    add(tokens_.endpoints());
    add(projects_.endpoints());
    add(audit_.endpoints());
    add(webhooks_.endpoints());
    router_.add({method::get, "/api/v1/openapi.json"}, openapi_handler());
    router_.add({method::get, "/healthz"}, healthz);
    parts.bus.subscribe([this](const events::event& what) { event_streams_.on_event(what); },
                        [this](events::event_kind /*kind*/, const project_id& /*of*/) {
                            return event_streams_.is_any_open();
                        });
}

void control_api::show(const relay_look& seen, instant now) {
    figures_.note_event_streams(event_streams_.open(), event_streams_.cut_off());
    event_streams_.on_moment(figures_.close_interval(seen, now), now.wall);
}

void control_api::change(const api_rules& rules) {
    guard_.change(rules.requests_per_token);
    rules_.change(rules.credentials);
}

void control_api::add(std::vector<endpoint> of_resource) {
    for (auto& each : of_resource) {
        const auto where = each.where;
        router_.add(where, desk_.serve(std::move(each)));
    }
}

}  // namespace turnix::api
