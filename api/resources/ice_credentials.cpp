#include "api/resources/ice_credentials.hpp"

#include "api/fleet/ice_urls.hpp"
#include "api/resources/iso_time.hpp"
#include "common/telemetry/log.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <utility>

namespace turnix::api {

namespace {

namespace json = boost::json;
using http::error;
using http::error_code;

struct validity {
    wall_time issued_at;
    std::chrono::seconds ttl;

    [[nodiscard]] wall_time expires_at() const noexcept { return issued_at + ttl; }
};

credential::claims claims_of(const model::principal& caller, const ice_request& wish, const validity& valid,
                             std::chrono::seconds session_max) {
    credential::claims made;
    made.id = credential_id::random();
    made.project = caller.project->id;
    made.token = caller.token;
    made.issued_at = std::chrono::floor<std::chrono::seconds>(valid.issued_at);
    // Rounded up: the credential works for as long as the answer says.
    made.expires_at = std::chrono::ceil<std::chrono::seconds>(valid.expires_at());
    made.sessions_end_at = made.expires_at + session_max;
    made.room = wish.room;
    made.initiator_client = wish.initiator_client;
    made.receiver_client = wish.receiver_client;
    const auto& settings = caller.project->settings;
    made.scope = settings.peer_scope.value_or(made.scope);
    made.expiry = settings.on_expiry.value_or(made.expiry);
    made.limits = {.bitrate_bps_max = settings.limits.bitrate_bps.value_or(0),
                   .bytes_max = settings.limits.bytes.value_or(0),
                   .allocations_max = settings.limits.allocations.value_or(0)};
    return made;
}

json::array ice_servers(const fleet::ice_urls& urls, const credential::issued_credential& issued) {
    json::array servers;
    if (!urls.stun.empty())
        servers.push_back(json::object{{"urls", json::array(urls.stun.begin(), urls.stun.end())}});
    servers.push_back(json::object{{"urls", json::array(urls.turn.begin(), urls.turn.end())},
                                   {"username", issued.username},
                                   {"credential", issued.password}});
    return servers;
}

}  // namespace

ice_credentials::ice_credentials(const parts& from, credential::credential_sealer sealer,
                                 fleet::node_entry own_node, const credential_rules& rules)
    : parts_{from}, sealer_{std::move(sealer)}, own_node_{std::move(own_node)}, rules_{rules} {}

std::vector<endpoint> ice_credentials::endpoints() {
    return {{{http::method::post, "/api/v1/credentials/ice"},
             model::scope::ice_issue,
             work::in_memory,
             handler_of(*this, &ice_credentials::issue)}};
}

outcome ice_credentials::issue(const call& asked) {
    const auto& settings = asked.caller.project->settings;
    const auto ttl_max = settings.ttl_max.value_or(rules_.ttl_max);
    const auto wish = read_ice_request(asked.request, ttl_max);
    if (wish.has_error()) return wish.error();
    const auto region = choose_region(*wish, asked.request);
    if (region.has_error()) return region.error();

    const auto ttl_default = std::min(settings.ttl_default.value_or(rules_.ttl_default), ttl_max);
    const validity valid{.issued_at = asked.now(), .ttl = wish->ttl.value_or(ttl_default)};
    auto claims = claims_of(asked.caller, *wish, valid, settings.session_max.value_or(rules_.session_max));
    claims.region = (*region)->slug;
    const auto issued = sealer_.issue(claims, asked.now());
    if (issued.has_error()) {
        telemetry::logger("api.credentials").error("cannot issue: {}", to_string(issued.error()));
        return error{.code = error_code::unavailable, .message = "This node cannot issue at present."};
    }
    parts_.records.record_issue(std::move(claims));

    const auto urls = fleet::ice_urls_of(node_of(**region));
    return http::json_response(200,
                               json::serialize(json::object{{"iceServers", ice_servers(urls, *issued)},
                                                            {"expiresAt", to_iso_time(valid.expires_at())},
                                                            {"ttl", valid.ttl.count()},
                                                            {"region", (*region)->slug},
                                                            {"credential_id", issued->public_id}}));
}

result<const fleet::region_entry*, error> ice_credentials::choose_region(const ice_request& wish,
                                                                         const http::request& asked) const {
    const auto chosen = parts_.selector.select({.fixed = wish.fixed_region,
                                                .preferred = wish.preferred_region,
                                                .client = wish.client ? wish.client : asked.client});
    if (chosen) return *chosen;
    const std::string param = wish.fixed_region.empty() ? "" : "fixed_region";
    if (chosen.error() == fleet::selection_error::unknown_region) {
        return error{
            .code = error_code::unknown_region, .message = "There is no such region.", .param = param};
    }
    return error{.code = error_code::region_unavailable,
                 .message = param.empty() ? "No region takes new sessions at present."
                                          : "This region does not take new sessions at present.",
                 .param = param};
}

const fleet::node_entry& ice_credentials::node_of(const fleet::region_entry& region) {
    if (&region == &parts_.regions.own()) return own_node_;
    return region.nodes[next_node_++ % region.nodes.size()];
}

}  // namespace turnix::api
