// Whatever a text of a request looks like to a database, a shell, a formatter or a file system, to the API it
// is data: it is kept as it is, or refused, and nothing else happens.
#include "api/http/percent.hpp"
#include "tests/api/resources/node_under_test.hpp"

#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include <array>
#include <chrono>
#include <filesystem>
#include <string>

using namespace turnix;
using namespace turnix::api;
using http::method;

namespace {

namespace json = boost::json;

const std::string left_by_a_shell = "turnixd-was-here";

constexpr std::array payloads{
    "'); drop table tokens; --",
    "\" or 1=1 --",
    "?1",
    ":name",
    "%s%x%n",
    "{0}{}",
    "$(touch turnixd-was-here)",
    "`touch turnixd-was-here`",
    "; touch turnixd-was-here",
    "| touch turnixd-was-here",
    "../../../etc/passwd",
    "..\\..\\boot.ini",
    "/etc/passwd",
    "a\\",
    "<script>alert(1)</script>",
    "=1+1",
    "\xf0\x9f\x93\x9e",
};

std::string member(const std::string& name, const std::string& value) {
    return json::serialize(json::object{{name, value}});
}

http::response ask(node_under_test& node, method how, const std::string& path, const std::string& body = {}) {
    return node.ask(make_request(how, path, body));
}

std::size_t token_count(node_under_test& node) {
    return body_of(ask(node, method::get, "/api/v1/tokens")).at("items").as_array().size();
}

}  // namespace

TEST_CASE("a text that may be any is kept as it is, whatever it would mean elsewhere", "[api][injection]") {
    node_under_test node;
    for (const std::string payload : payloads) {
        INFO(payload);
        const auto tokens_before = token_count(node);
        const auto made = ask(node, method::post, "/api/v1/tokens",
                              json::serialize(json::object{{"name", payload}, {"scopes", {"ice:issue"}}}));
        CHECK(made.status == 201);
        CHECK(body_of(made).at("name").as_string() == payload);
        CHECK(token_count(node) == tokens_before + 1);
        CHECK(ask(node, method::patch, "/api/v1/organisation", member("name", payload)).status == 200);
        CHECK(body_of(ask(node, method::get, "/api/v1/organisation")).at("name").as_string() == payload);
    }
    CHECK_FALSE(std::filesystem::exists(left_by_a_shell));
}

TEST_CASE("a text that is no name makes nothing and finds nothing, whatever it would mean elsewhere",
          "[api][injection]") {
    node_under_test node;
    const auto tokens_before = token_count(node);
    for (const std::string payload : payloads) {
        INFO(payload);
        for (const auto* const field : {"room", "initiator_client", "receiver_client"}) {
            const auto refused = node.issue(member(field, payload));
            CHECK(refused.status == 422);
            CHECK(error_param_of(refused) == field);
        }
        CHECK(ask(node, method::post, "/api/v1/projects", member("slug", payload)).status == 422);
        const auto encoded = http::percent_encoded(payload);
        for (const auto* const list : {"rooms", "clients", "sessions", "projects"}) {
            CHECK(ask(node, method::get, std::string{"/api/v1/"} + list + '/' + encoded).status == 404);
        }
        for (const auto* const query :
             {"sessions?room=", "sessions?client=", "sessions?cursor=", "credentials?room=", "usage?from=",
              "usage?group_by=", "audit?cursor="}) {
            const auto answer = ask(node, method::get, std::string{"/api/v1/"} + query + encoded);
            CHECK((answer.status == 422 || answer.status == 200));
            if (answer.status == 200) CHECK(body_of(answer).at("items").as_array().empty());
        }
        node.now.monotonic += std::chrono::minutes{1};  // so that no budget answers
    }
    CHECK(token_count(node) == tokens_before);
    CHECK_FALSE(std::filesystem::exists(left_by_a_shell));
}
