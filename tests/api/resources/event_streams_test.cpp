#include "api/resources/event_streams.hpp"

#include "tests/api/resources/node_under_test.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

using namespace turnix;
using namespace turnix::api;
using http::method;
using http::stream_state;

namespace {

/// A client's end of a stream.
class heard final : public http::body_stream {
  public:
    void send(std::string_view bytes) override {
        if (now == stream_state::open) text += bytes;
    }
    void end() override { now = stream_state::ended; }
    [[nodiscard]] stream_state state() const noexcept override { return now; }

    /// What came since the last call.
    std::string fresh() { return std::exchange(text, {}); }

    std::string text;
    stream_state now{stream_state::open};
};

class streams_fixture {
  public:
    /// The answer, and the stream when there is one.
    http::response ask(const std::string& token, const std::string& query,
                       const std::shared_ptr<heard>& into) {
        auto asked = make_request(method::get, "/api/v1/events" + query);
        asked.headers.add("Authorization", "Bearer " + token);
        auto answer = node.ask(asked);
        if (answer.stream) answer.stream(into);
        return answer;
    }
    std::shared_ptr<heard> listen(const std::string& token, const std::string& query = {}) {
        auto made = std::make_shared<heard>();
        REQUIRE(ask(token, query, made).status == 200);
        CHECK(made->fresh() == "retry: 2000\n\n");
        return made;
    }
    std::string token(const std::string& scopes) {
        return node.create_token(R"({"name":"a","scopes":[)" + scopes + "]}");
    }
    void publish(const project_id& project, events::event_kind kind = events::event_kind::session_started) {
        node.bus.publish({.id = event_id::parse("00000000000000000000000000000001").value(),
                          .kind = kind,
                          .project = project,
                          .at = node.now.wall,
                          .data = R"({"room":"a"})"});
    }
    void show(bool draining = false) {
        node.api.show({.sessions = std::make_shared<const std::vector<contract::live_session>>(),
                       .load = {.draining = draining}},
                      node.now);
    }

    node_under_test node;
    project_id own = node.tenants.find_project(node.first.organisation, "default")->id;
};

const std::string started_event =
    "id: 00000000000000000000000000000001\nevent: session.started\ndata: {\"id\":"
    "\"00000000000000000000000000000001\",\"type\":\"session.started\",\"created_at\":"
    "\"2026-01-06T15:14:22.277Z\",\"project\":\"default\",\"data\":{\"room\":\"a\"}}\n\n";

}  // namespace

TEST_CASE_METHOD(streams_fixture,
                 "events: a project's events come to who listens, and no others but everybody's",
                 "[api][events]") {
    const auto mine = listen(node.first.token_text);
    const auto others = listen(node.other.token_text);
    publish(own);
    CHECK(mine->fresh() == started_event);
    CHECK(others->fresh().empty());
    publish(project_id::random());
    CHECK(mine->fresh().empty());
    publish({}, events::event_kind::region_down);
    for (const auto& stream : {mine, others}) {
        const auto told = stream->fresh();
        CHECK(told.find("event: region.down\n") != std::string::npos);
        CHECK(told.find("\"project\":null") != std::string::npos);
    }
}

TEST_CASE_METHOD(streams_fixture, "events: without sessions:read only figures come", "[api][events]") {
    const auto stream = listen(token(R"("stats:read")"));
    publish(own);
    CHECK(stream->fresh().empty());
    show();
    const auto told = stream->fresh();
    REQUIRE(told.starts_with("event: stats\ndata: {"));
    CHECK(told.ends_with("}\n\n"));
    const auto data = told.find("{");
    CHECK(boost::json::parse(told.substr(data, told.size() - 2 - data)).at("node").is_null());
}

TEST_CASE_METHOD(streams_fixture, "events: types chooses, and refuses what is none", "[api][events]") {
    const auto figures = listen(node.first.token_text, "?types=stats");
    const auto begins = listen(node.first.token_text, "?types=session.started,quota.exceeded");
    publish(own);
    publish(own, events::event_kind::session_ended);
    show();
    CHECK(begins->fresh() == started_event);
    CHECK(figures->fresh().starts_with("event: stats\n"));
    for (const auto* const query : {"?types=x", "?types=,", "?since=1"}) {
        INFO(query);
        CHECK(ask(node.first.token_text, query, std::make_shared<heard>()).status == 422);
    }
}

TEST_CASE_METHOD(streams_fixture, "events: a quiet stream gets a comment every ten seconds",
                 "[api][events]") {
    const auto stream = listen(node.first.token_text, "?types=session.ended");
    node.api.beat(node.now.wall + std::chrono::seconds{9});
    CHECK(stream->fresh().empty());
    node.api.beat(node.now.wall + std::chrono::seconds{10});
    CHECK(stream->fresh() == ":\n\n");
    node.api.beat(node.now.wall + std::chrono::seconds{19});
    CHECK(stream->fresh().empty());
}

TEST_CASE_METHOD(streams_fixture,
                 "events: a stream ends with the right to it, and nothing is sent after that",
                 "[api][events]") {
    const auto made = body_of(node.ask(make_request(
        method::post, "/api/v1/tokens", R"({"name":"a","scopes":["stats:read","sessions:read"]})")));
    const auto path = "/api/v1/tokens/" + std::string{made.at("id").as_string()};
    const auto stream = listen(std::string{made.at("token").as_string()});
    SECTION("revoked") { CHECK(node.ask(make_request(method::delete_, path)).status == 204); }
    SECTION("fewer scopes") {
        CHECK(node.ask(make_request(method::patch, path, R"({"scopes":["stats:read"]})")).status == 200);
    }
    SECTION("rotated") {
        CHECK(node.ask(make_request(method::post, path + "/rotate", R"({"overlap_seconds":0})")).status ==
              200);
        node.now.wall += std::chrono::seconds{1};
    }
    SECTION("by an event, or by the next look") {
        CHECK(node.ask(make_request(method::delete_, path)).status == 204);
        publish(own);
    }
    node.api.beat(node.now.wall);
    CHECK(stream->fresh().empty());
    CHECK(stream->now == stream_state::ended);
}

TEST_CASE_METHOD(streams_fixture, "events: streams end once when the node begins to drain", "[api][events]") {
    const auto before = listen(node.first.token_text);
    show();
    CHECK(before->now == stream_state::open);
    show(true);
    CHECK(before->now == stream_state::ended);
    const auto meanwhile = listen(node.first.token_text);
    show(true);
    CHECK(meanwhile->now == stream_state::open);
    show(false);
    show(true);
    CHECK(meanwhile->now == stream_state::ended);
}

TEST_CASE_METHOD(streams_fixture, "events: streams are bounded by token and by node, and ended ones give way",
                 "[api][events]") {
    std::vector<std::shared_ptr<heard>> open;
    open.reserve(event_streams::streams_max);
    for (std::size_t i = 0; i < event_streams::streams_per_token_max; ++i)
        open.push_back(listen(node.first.token_text));
    const auto refused = ask(node.first.token_text, "", std::make_shared<heard>());
    CHECK(error_code_of(refused) == "rate_limited");
    CHECK(refused.headers.find("Retry-After") != nullptr);
    open.back()->now = stream_state::ended;
    open.back() = listen(node.first.token_text);

    while (open.size() < event_streams::streams_max) {
        const auto another = token(R"("stats:read")");
        for (std::size_t i = 0; i < event_streams::streams_per_token_max; ++i)
            open.push_back(listen(another));
    }
    CHECK(error_code_of(ask(token(R"("stats:read")"), "", std::make_shared<heard>())) == "rate_limited");
}

TEST_CASE_METHOD(streams_fixture, "events: clients that do not keep up are counted", "[api][events]") {
    const auto slow = listen(node.first.token_text);
    const auto gone = listen(node.first.token_text);
    slow->now = stream_state::too_slow;
    gone->now = stream_state::ended;
    node.api.beat(node.now.wall);
    show();
    const auto seen = body_of(node.ask(make_request(method::get, "/api/v1/stats")));
    CHECK(seen.at("items").at(0).at("node").at("event_streams") == 0);
    CHECK(seen.at("items").at(0).at("node").at("event_streams_cut_off") == 1);
}
