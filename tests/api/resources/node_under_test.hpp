// A node's API with a database of its own, asked without sockets: bytes in, answer out.
#pragma once

#include "api/auth/bootstrap.hpp"
#include "api/resources/control_api.hpp"
#include "tests/api/fleet/relay_stub.hpp"
#include "tests/api/scratch_directory.hpp"

#include <boost/json/value.hpp>

#include <string>

namespace turnix::api {

/// A request as the server would hand it over, without a token.
http::request make_request(http::method method, std::string path, std::string body = {},
                           std::string content_type = "application/json");

/// Regions: here (this node's), there (assumed online), away (down). The default project shares the secret
/// "north".
class node_under_test {
  public:
    /// With a key ring of its own, unless it has another's.
    explicit node_under_test(const api_rules& rules = {},
                             std::shared_ptr<const credential::key_ring> ring = {});

    /// With the first token, unless the request has an Authorization field.
    http::response ask(http::request asked);
    /// As the operator, over the control socket.
    http::response ask_as_operator(http::request asked);
    /// The bytes of a request, with TOKEN replaced by the first token.
    http::response ask_bytes(std::string bytes);
    /// POST /api/v1/credentials/ice with a JSON body.
    http::response issue(std::string body);

    /// Creates a token over the API and returns its text.
    std::string create_token(const std::string& body);

    scratch_directory directory;
    instant now{.monotonic = monotonic_time{std::chrono::hours{1}},
                .wall = wall_time{std::chrono::milliseconds{1'767'712'462'277}}};
    relay_stub relay;
    store::store records;
    auth::bootstrapped first;
    auth::bootstrapped other;  ///< another organisation, with the project "elsewhere"
    auth::tenant_directory tenants;
    auth::token_directory tokens;
    turnix::webhooks::webhook_directory hooks;
    events::event_bus bus;
    fleet::region_directory regions;
    fleet::region_selector selector;
    fleet::fact_exchange exchange;
    fan_out others{regions};
    turnix::sessions::override_book overrides;
    std::shared_ptr<const credential::key_ring> keys;
    control_api api;
};

boost::json::value body_of(const http::response& answer);
/// error.code, or the status when there is no error.
std::string error_code_of(const http::response& answer);
std::string error_param_of(const http::response& answer);

}  // namespace turnix::api
