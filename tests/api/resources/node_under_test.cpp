#include "tests/api/resources/node_under_test.hpp"

#include "api/http/message_reader.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace turnix::api {

namespace {

const std::string regions_text = R"(regions:
  - {slug: here, country: DE, city: H, name: Here, lat: 50, lon: 8, nodes: [{host: here.test, udp: 1}]}
  - {slug: there, country: JP, city: T, name: There, lat: 35.5, lon: 139, assume_online: true,
     nodes: [{host: a.there.test, udp: 3478, tcp: 3478, tls: 443}, {host: b.there.test, udp: 3478}]}
  - {slug: away, country: AU, city: A, name: Away, lat: -33, lon: 151, nodes: [{host: away.test, udp: 1}]}
)";

const fleet::node_entry own_node{.host = "here.test", .udp = 3478, .tcp = 3478, .tls = 5349};

}  // namespace

http::request make_request(http::method method, std::string path, std::string body,
                           std::string content_type) {
    http::request made;
    made.method = method;
    const auto question = std::min(path.find('?'), path.size());
    if (question < path.size()) made.query = http::read_form(path.substr(question + 1)).value();
    made.path = path.substr(0, question);
    if (!content_type.empty()) made.headers.add("Content-Type", std::move(content_type));
    made.body = std::move(body);
    made.client = net::address{net::address::v4_bytes{127, 0, 0, 1}};
    made.request_id = "0123456789abcdef";
    return made;
}

node_under_test::node_under_test(const api_rules& rules, std::shared_ptr<const credential::key_ring> ring)
    : records{directory.path() / "turnixd.db"},
      first{auth::bootstrap(records, {.organisation_name = "Test", .project_slug = "default"}, now.wall)},
      other{auth::bootstrap(records, {.organisation_name = "Other", .project_slug = "elsewhere"},
                            now.wall + std::chrono::milliseconds{1})},
      tenants{records},
      tokens{records, tenants},
      hooks{records},
      regions{*fleet::region_catalogue::parse(regions_text, "regions.yaml"), "here", relay},
      selector{regions, std::nullopt},
      exchange{regions},
      overrides{records, relay},
      keys{ring ? std::move(ring)
                : std::make_shared<const credential::key_ring>(
                      credential::key_ring::generate(now, std::chrono::days{365}))},
      api{{.tenants = tenants,
           .tokens = tokens,
           .records = records,
           .hooks = hooks,
           .bus = bus,
           .regions = regions,
           .selector = selector,
           .relay = relay,
           .overrides = overrides,
           .exchange = exchange,
           .others = others,
           .keys = keys,
           .timed = timed_issuer{.secret = "north", .project = first.project}},
          credential::credential_sealer{keys, "turnix"},
          own_node,
          rules,
          inline_lanes()} {}

http::response node_under_test::ask(http::request asked) {
    if (asked.headers.find("Authorization") == nullptr) {
        asked.headers.add("Authorization", "Bearer " + first.token_text);
    }
    return http::at_once(api.answer(asked, now));
}

http::response node_under_test::ask_as_operator(http::request asked) {
    asked.origin = http::origin::control_socket;
    asked.client.reset();
    return http::at_once(api.answer(asked, now));
}

http::response node_under_test::ask_bytes(std::string bytes) {
    const std::string mark = "TOKEN";
    if (const auto at = bytes.find(mark); at != std::string::npos) {
        bytes.replace(at, mark.size(), first.token_text);
    }
    http::message_reader reader{http::message_limits{}};
    const auto room = reader.prepare();
    if (room.size() < bytes.size()) throw std::logic_error{"the request is longer than one read"};
    std::memcpy(room.data(), bytes.data(), bytes.size());
    reader.commit(bytes.size());
    if (reader.advance() != http::message_reader::progress::complete) {
        throw std::logic_error{"the bytes are not one whole request"};
    }
    return http::at_once(api.answer(reader.take(), now));
}

http::response node_under_test::issue(std::string body) {
    return ask(make_request(http::method::post, "/api/v1/credentials/ice", std::move(body)));
}

std::string node_under_test::create_token(const std::string& body) {
    const auto answer = ask(make_request(http::method::post, "/api/v1/tokens", body));
    if (answer.status != 201) throw std::runtime_error{answer.body};
    return std::string{body_of(answer).at("token").as_string()};
}

boost::json::value body_of(const http::response& answer) { return boost::json::parse(answer.body); }

std::string error_code_of(const http::response& answer) {
    if (answer.status < 400) return std::to_string(answer.status);
    return std::string{body_of(answer).at("error").at("code").as_string()};
}

std::string error_param_of(const http::response& answer) {
    if (answer.status < 400) return {};
    const auto body = body_of(answer);
    const auto* const param = body.at("error").as_object().if_contains("param");
    return param == nullptr ? std::string{} : std::string{param->as_string()};
}

}  // namespace turnix::api
