#include "api/resources/control_api.hpp"

#include <stdexcept>
#include <utility>

namespace turnix::api {

namespace {

using http::method;

/// A handler out of an object and its member function.
template <class Resource>
http::handler call(Resource& on,
                   http::response (Resource::*member)(const http::request&, const http::context&)) {
    return [&on, member](const http::request& asked, const http::context& with) {
        return (on.*member)(asked, with);
    };
}

http::response healthz(const http::request& /*asked*/, const http::context& /*with*/) {
    return http::json_response(200, R"({"status":"ok"})");
}

}  // namespace

model::principal operator_of(store::store& records, const auth::token_directory& directory) {
    const auto organisations = records.organisations();
    if (organisations.empty()) {
        throw std::runtime_error{"the database holds no organisation; make one with turnixd init"};
    }
    const auto& first = organisations.front();
    return {.token = {},
            .reach = {.organisation = first.id, .project = {}},
            .scopes = model::scope_set::all(),
            .project = directory.find_project(first.default_project)};
}

control_api::control_api(const api_parts& parts, credential::credential_sealer sealer,
                         fleet::node_entry own_node, const api_rules& rules)
    : guard_{parts.tokens, operator_of(parts.records, parts.tokens), rules.requests_per_token},
      ice_credentials_{{.admission = guard_,
                        .records = parts.records,
                        .regions = parts.regions,
                        .selector = parts.selector},
                       std::move(sealer),
                       std::move(own_node),
                       rules.credentials},
      regions_{guard_, parts.regions},
      tokens_{guard_, parts.tokens} {
    router_.add({method::post, "/api/v1/credentials/ice"}, call(ice_credentials_, &ice_credentials::create));
    router_.add({method::get, "/api/v1/regions"}, call(regions_, &regions::list));
    router_.add({method::get, "/api/v1/tokens"}, call(tokens_, &tokens::list));
    router_.add({method::post, "/api/v1/tokens"}, call(tokens_, &tokens::create));
    router_.add({method::delete_, "/api/v1/tokens/{id}"}, call(tokens_, &tokens::revoke));
    router_.add({method::get, "/healthz"}, healthz);
}

}  // namespace turnix::api
