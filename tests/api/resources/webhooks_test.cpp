#include "api/store/webhook_table.hpp"
#include "tests/api/resources/node_under_test.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

using namespace turnix;
using namespace turnix::api;
using http::method;

namespace {

const std::string path = "/api/v1/webhooks";

http::response create(node_under_test& node, std::string body) {
    return node.ask(make_request(method::post, path, std::move(body)));
}

/// One that wants session.ended.
boost::json::value a_webhook(node_under_test& node) {
    const auto made = create(node, R"({"url":"https://hooks.example/a","events":["session.ended"]})");
    REQUIRE(made.status == 201);
    return body_of(made);
}

std::string path_of(const boost::json::value& hook) {
    return path + '/' + std::string{hook.at("id").as_string()};
}

/// As the outbox leaves it; `due_at` says whether it is still tried.
model::delivery delivery_to(const boost::json::value& hook, wall_time at, std::optional<wall_time> due_at) {
    return {.id = delivery_id::random(),
            .webhook = *webhook_id::parse(hook.at("id").as_string()),
            .event = event_id::random(),
            .event_name = "session.ended",
            .body = "{}",
            .created_at = at,
            .attempts = 27,
            .due_at = due_at,
            .give_up_at = at + std::chrono::hours{24},
            .delivered_at = {},
            .last_status = 500,
            .last_fault = {}};
}

void store_delivery(node_under_test& node, const model::delivery& what) {
    node.records.run([&what](auto& database) {
        store::insert_delivery(database, what);
        store::update_delivery(database, what);
    });
}

}  // namespace

TEST_CASE("a webhook's secret is in the answer that creates it and nowhere else", "[api][webhooks]") {
    node_under_test node;
    const auto made = create(
        node,
        R"({"url":"https://hooks.example/a","events":["session.ended","session.started","session.ended"]})");
    REQUIRE(made.status == 201);
    const auto hook = body_of(made);
    const std::string secret{hook.at("secret").as_string()};
    CHECK(secret.starts_with("whsec_"));
    CHECK(hook.at("events") == boost::json::value({"session.ended", "session.started"}));
    CHECK(hook.at("enabled") == true);
    CHECK(*made.headers.find("Location") == path_of(hook));
    for (const auto& where : {path, path_of(hook)}) {
        const auto read = node.ask(make_request(method::get, where));
        CHECK(read.status == 200);
        CHECK(read.body.find(secret) == std::string::npos);
    }
}

TEST_CASE("a webhook is changed, switched off and deleted", "[api][webhooks]") {
    node_under_test node;
    const auto hook = a_webhook(node);
    const auto changed = node.ask(make_request(method::patch, path_of(hook), R"({"enabled":false})"));
    REQUIRE(changed.status == 200);
    CHECK(body_of(changed).at("enabled") == false);
    CHECK(body_of(changed).at("url") == hook.at("url"));
    const turnix::webhooks::webhook_directory after_restart{node.records};
    CHECK(after_restart.list(node.first.project) == node.hooks.list(node.first.project));
    CHECK(node.ask(make_request(method::delete_, path_of(hook))).status == 204);
    CHECK(node.ask(make_request(method::get, path_of(hook))).status == 404);
}

TEST_CASE("fields of a webhook are read strictly, and private targets refused", "[api][webhooks]") {
    node_under_test node;
    const auto [body, param] = GENERATE(table<const char*, const char*>({
        {R"({"events":["session.ended"]})", "url"},
        {R"({"url":"https://hooks.example"})", "events"},
        {R"({"url":"https://hooks.example","events":[]})", "events"},
        {R"({"url":"https://hooks.example","events":["session.paused"]})", "events"},
        {R"({"url":"http://hooks.example","events":["session.ended"]})", "url"},
        {R"({"url":"https://127.0.0.1","events":["session.ended"]})", "url"},
        {R"({"url":"https://169.254.169.254/latest","events":["session.ended"]})", "url"},
        {R"({"url":"https://hooks.example","events":["session.ended"],"secret":"x"})", "secret"},
        {R"({"url":"https://hooks.example","events":["session.ended"],"enabled":1})", "enabled"},
    }));
    INFO(body);
    const auto answer = create(node, body);
    CHECK(error_code_of(answer) == "field_invalid");
    CHECK(error_param_of(answer) == param);
    CHECK(node.hooks.empty());
}

TEST_CASE("a project has a bounded number of webhooks", "[api][webhooks]") {
    node_under_test node;
    for (std::size_t i = 0; i < api::webhooks::webhooks_max; ++i) a_webhook(node);
    CHECK(error_code_of(create(node, R"({"url":"https://a.example","events":["session.ended"]})")) ==
          "conflict");
}

TEST_CASE("a project's webhooks go with it", "[api][webhooks]") {
    node_under_test node;
    REQUIRE(node.ask(make_request(method::post, "/api/v1/projects", R"({"slug":"short"})")).status == 201);
    auto asked =
        make_request(method::post, path, R"({"url":"https://a.example","events":["session.ended"]})");
    asked.headers.add("X-Project", "short");
    REQUIRE(node.ask(asked).status == 201);
    REQUIRE(node.ask(make_request(method::delete_, "/api/v1/projects/short")).status == 204);
    CHECK(node.hooks.empty());
    CHECK(turnix::webhooks::webhook_directory{node.records}.empty());
}

TEST_CASE("deliveries are listed by state, newest first, and dead ones sent again", "[api][webhooks]") {
    node_under_test node;
    const auto hook = a_webhook(node);
    const auto now = node.now.wall;
    const auto dead = delivery_to(hook, now - std::chrono::hours{25}, {});
    store_delivery(node, dead);
    store_delivery(node, delivery_to(hook, now - std::chrono::minutes{2}, now));
    store_delivery(node, delivery_to(hook, now - std::chrono::minutes{1}, now));
    const auto list = [&](const std::string& query) {
        return body_of(node.ask(make_request(method::get, path_of(hook) + "/deliveries" + query)));
    };
    const auto first = list("?limit=2");
    REQUIRE(first.at("items").as_array().size() == 2);
    CHECK(first.at("items").at(0).at("created_at") == "2026-01-06T15:13:22.277Z");
    CHECK(first.at("items").at(0).at("state") == "pending");
    const auto rest = list("?limit=2&cursor=" + std::string{first.at("next_cursor").as_string()});
    REQUIRE(rest.at("items").as_array().size() == 1);
    CHECK(rest.at("next_cursor").is_null());
    CHECK(list("?state=dead") == rest);
    CHECK(rest.at("items").at(0).at("last_status") == 500);

    const auto replay = path_of(hook) + "/deliveries/" + dead.id.to_string() + "/replay";
    const auto replayed = node.ask(make_request(method::post, replay));
    REQUIRE(replayed.status == 200);
    CHECK(body_of(replayed).at("state") == "pending");
    CHECK(body_of(replayed).at("next_attempt_at") == "2026-01-06T15:14:22.277Z");
    CHECK(list("?state=dead").at("items").as_array().empty());
    CHECK(error_code_of(node.ask(make_request(method::post, replay))) == "conflict");
    const auto unknown = path_of(hook) + "/deliveries/" + std::string(32, '0') + "/replay";
    CHECK(error_code_of(node.ask(make_request(method::post, unknown))) == "not_found");
    CHECK(error_param_of(node.ask(make_request(method::get, path_of(hook) + "/deliveries?state=lost"))) ==
          "state");
}

TEST_CASE("a revocation is told with what it is about", "[api][webhooks]") {
    node_under_test node;
    std::vector<events::event> heard;
    node.bus.subscribe([&heard](const events::event& what) { heard.push_back(what); });
    const std::string id{body_of(node.issue("{}")).at("credential_id").as_string()};
    REQUIRE(node.ask(make_request(method::delete_, "/api/v1/credentials/" + id)).status == 200);
    REQUIRE(node.ask(make_request(method::delete_, "/api/v1/credentials?room=demo&sessions=drain")).status ==
            200);
    REQUIRE(heard.size() == 2);
    CHECK(heard[0].kind == events::event_kind::credential_revoked);
    CHECK(heard[0].project == node.first.project);
    const auto one = boost::json::parse(heard[0].data);
    CHECK(one.at("credential_id").as_string() == id);
    CHECK(one.at("sessions") == "terminate");
    CHECK(one.at("room").is_null());
    const auto room = boost::json::parse(heard[1].data);
    CHECK(room.at("credential_id").is_null());
    CHECK(room.at("room") == "demo");
    CHECK(room.at("sessions") == "drain");
}
