#include "api/resources/ice_credentials.hpp"

#include "api/fleet/ice_urls.hpp"
#include "api/resources/fields.hpp"
#include "api/resources/ice_answer.hpp"
#include "api/resources/json_text.hpp"
#include "api/resources/mint_extras.hpp"
#include "api/resources/page.hpp"
#include "common/credential/credential_ids.hpp"
#include "common/credential/timed_username.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace turnix::api {

namespace {

using http::error;
using http::error_code;

struct validity {
    wall_time issued_at;
    std::chrono::seconds ttl;

    [[nodiscard]] wall_time expires_at() const noexcept { return issued_at + ttl; }
};

struct wishes {
    ice_request basic;
    mint_extras extras;
};

result<wishes, error> read_wishes(const http::request& from, const model::project_settings& settings,
                                  std::chrono::seconds ttl_max) {
    const auto body = http::read_body(from);
    if (body.has_error()) return body.error();
    auto basic = read_ice_request(from, *body, ttl_max);
    if (basic.has_error()) return basic.error();
    auto extras = read_mint_extras(*body, settings);
    if (extras.has_error()) return extras.error();
    if (extras->scope == credential::peer_scope::room && basic->room.empty()) {
        return invalid_field("room", "room is required where peers are those of the room only.");
    }
    return wishes{.basic = *std::move(basic), .extras = *std::move(extras)};
}

credential::claims claims_of(const model::principal& caller, const wishes& wish, const validity& valid,
                             std::chrono::seconds session_max) {
    const auto& [basic, extras] = wish;
    credential::claims made;
    made.project = caller.project->id;
    made.token = caller.token;
    made.issued_at = std::chrono::floor<std::chrono::seconds>(valid.issued_at);
    // Rounded up: the credential works for as long as the answer says.
    made.expires_at = std::chrono::ceil<std::chrono::seconds>(valid.expires_at());
    made.sessions_end_at = made.expires_at + session_max;
    made.room = basic.room;
    made.initiator_client = basic.initiator_client;
    made.receiver_client = basic.receiver_client;
    made.scope = extras.scope;
    made.expiry = extras.expiry;
    made.transports = extras.transports;
    made.limits = extras.limits;
    made.allowed_client = extras.allowed_client;
    return made;
}

error pinned_elsewhere(const std::string& region) {
    return {.code = error_code::conflict,
            .message = "This room has live credentials for the region " + region +
                       "; peers of the same room meet on one node only.",
            .param = "fixed_region"};
}

}  // namespace

ice_credentials::ice_credentials(const parts& from, credential::credential_sealer sealer,
                                 fleet::node_entry own_node, const current_rules& rules)
    : parts_{from},
      sealer_{std::move(sealer)},
      own_node_{std::move(own_node)},
      own_servers_{servers_text(own_node_)},
      rules_{rules} {}

std::vector<endpoint> ice_credentials::endpoints() {
    return {{{http::method::post, "/api/v1/credentials/ice"},
             model::scope::ice_issue,
             work::in_memory,
             [this](const call& asked) { return counted(asked, &ice_credentials::issue_sealed); }}};
}

endpoint ice_credentials::timed_endpoint() {
    return {{http::method::get, "/api/v1/turn"},
            model::scope::ice_issue,
            work::in_memory,
            [this](const call& asked) { return counted(asked, &ice_credentials::issue_timed); }};
}

outcome ice_credentials::counted(const call& asked, outcome (ice_credentials::*serve)(const call&)) {
    auto made = (this->*serve)(asked);
    const auto& project = asked.caller.project->id;
    if (made) {
        parts_.figures.count_issue(project);
    } else {
        parts_.figures.count_refusal(project, to_string(made.error().code));
    }
    return made;
}

outcome ice_credentials::issue_sealed(const call& asked) {
    const auto& project = *asked.caller.project;
    const auto rules = rules_.get();
    auto wish = read_wishes(asked.request, project.settings, rules.ttl_max_of(project));
    if (wish.has_error()) return wish.error();
    const bool pins_room = wish->extras.scope == credential::peer_scope::room;
    const auto* const pin = pins_room ? pin_of(project.id, wish->basic.room, asked.now()) : nullptr;
    if (pin != nullptr) {
        auto& fixed = wish->basic.fixed_region;
        if (!fixed.empty() && fixed != pin->region) return pinned_elsewhere(pin->region);
        fixed = pin->region;
    }
    const auto region = choose_region(wish->basic, asked.request);
    if (region.has_error()) return region.error();

    const validity valid{.issued_at = asked.now(),
                         .ttl = wish->basic.ttl.value_or(rules.ttl_default_of(project))};
    auto claims = claims_of(asked.caller, *wish, valid, rules.session_max_of(project));
    claims.region = (*region)->slug;
    const auto node = pin != nullptr ? pin->node : node_of(**region);
    if (pins_room) {
        pins_.hold(project.id, wish->basic.room,
                   {.region = claims.region, .node = node, .until = valid.expires_at()}, asked.now());
    }
    const auto servers = node == own_node_ ? own_servers_ : servers_text(node);
    ice_answer answer{servers};
    constexpr std::array both{credential::party::initiator, credential::party::receiver};
    constexpr std::array one{credential::party::any};
    const auto roles = wish->extras.for_both_parties ? std::span<const credential::party>{both} : one;
    for (const auto role : roles) {
        claims.role = role;
        const auto issued = issue(claims, asked.now());
        if (issued.has_error()) return issued.error();
        answer.add(role, *issued);
    }
    return http::json_response(200, answer.finish({.expires_at = valid.expires_at(),
                                                   .ttl = valid.ttl,
                                                   .region = (*region)->slug,
                                                   // A peer that is no relay cannot be reached.
                                                   .relays_only = claims.scope != credential::peer_scope::any,
                                                   .stale = parts_.regions.is_stale()}));
}

outcome ice_credentials::issue_timed(const call& asked) {
    constexpr std::array<std::string_view, 3> known{"service", "username", "key"};
    if (auto fault = refuse_parameters(asked.request, known)) return std::move(*fault);
    const auto* const service = find_parameter(asked.request, "service");
    if (service == nullptr || *service != "turn") return invalid_field("service", "service must be turn.");
    const auto& project = *asked.caller.project;
    if (!parts_.timed || parts_.timed->project != project.id) {
        return error{.code = error_code::not_found,
                     .message = "No secret is shared with applications of this project."};
    }
    const auto region = choose_region({}, asked.request);
    if (region.has_error()) return region.error();
    const auto ttl = rules_.get().ttl_default_of(project);
    const auto expires_at = std::chrono::ceil<std::chrono::seconds>(asked.now() + ttl);
    auto username = std::to_string(expires_at.time_since_epoch().count());
    if (const auto* const user = find_parameter(asked.request, "username")) username += ':' + *user;
    if (username.size() > credential::username_bytes_max) {
        return invalid_field("username", "username is too long.");
    }
    const auto urls = fleet::ice_urls_of(node_of(**region)).turn;
    auto answer =
        object_response(200, {{"username", username},
                              {"password", credential::timed_password(username, parts_.timed->secret)},
                              {"ttl", ttl.count()},
                              {"uris", boost::json::array(urls.begin(), urls.end())}});
    answer.headers.add("Cache-Control", "no-store");
    return answer;
}

result<credential::issued_credential, error> ice_credentials::issue(credential::claims claims,
                                                                    wall_time now) {
    claims.id = credential::new_credential_id(now);
    // What was revoked until now is not this one.
    claims.issued_at = parts_.overrides.current()->free_of_rules_from(claims);
    auto issued = sealer_.issue(claims, now);
    if (issued.has_error()) {
        failures_.error("cannot issue: {}", to_string(issued.error()));
        return error{.code = error_code::unavailable, .message = "This node cannot issue at present."};
    }
    parts_.records.record_issue(std::move(claims));
    return *std::move(issued);
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

const room_pins::pin* ice_credentials::pin_of(const project_id& project, const std::string& room,
                                              wall_time now) const {
    const auto* const found = pins_.find(project, room, now);
    return found != nullptr && parts_.selector.select({.fixed = found->region}) ? found : nullptr;
}

fleet::node_entry ice_credentials::node_of(const fleet::region_entry& region) {
    const auto& regions = parts_.regions;
    if (&region == &regions.own() && regions.takes_new_sessions()) return own_node_;
    return regions.other_node(region, next_node_++).value_or(own_node_);
}

}  // namespace turnix::api
