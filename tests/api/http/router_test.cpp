#include "api/http/router.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <vector>

using namespace turnix;
using namespace turnix::http;

namespace {

handler says(std::string text) {
    return [text = std::move(text)](const request&, const context& with) {
        auto body = text;
        for (const auto& [name, value] : with.path_parameters) body += " " + name + "=" + value;
        return response{.status = 200, .body = body};
    };
}

response ask(const router& of, method how, std::string path, instant when = {}) {
    request asked;
    asked.method = how;
    asked.path = std::move(path);
    asked.request_id = "r1";
    return of.answer(asked, when);
}

}  // namespace

TEST_CASE("a route is found by method and path, its parameters decoded", "[http][router]") {
    router routes;
    routes.add({method::get, "/tokens"}, says("list"));
    routes.add({method::post, "/tokens"}, says("create"));
    routes.add({method::delete_, "/tokens/{id}"}, says("delete"));
    routes.add({method::get, "/sessions/{id}/samples/{n}"}, says("samples"));

    const auto [how, path, body] = GENERATE(table<method, const char*, const char*>({
        {method::get, "/tokens", "list"},
        {method::post, "/tokens", "create"},
        {method::delete_, "/tokens/abc", "delete id=abc"},
        {method::delete_, "/tok%65ns/a%2Fb+c", "delete id=a/b+c"},
        {method::get, "/sessions/1/samples/2", "samples id=1 n=2"},
    }));
    CHECK(ask(routes, how, path).body == body);
}

TEST_CASE("what matches no path is 404, what matches another method 405 with Allow", "[http][router]") {
    router routes;
    routes.add({method::get, "/tokens"}, says("list"));
    routes.add({method::post, "/tokens"}, says("create"));
    routes.add({method::delete_, "/tokens/{id}"}, says("delete"));

    const auto* const missing = GENERATE("/", "/token", "/tokens/", "/tokens/a/b", "//tokens", "/TOKENS", "");
    CHECK(ask(routes, method::get, missing).status == 404);

    const auto how = GENERATE(method::head, method::options, method::other, method::delete_);
    const auto answer = ask(routes, how, "/tokens");
    CHECK(answer.status == 405);
    CHECK(*answer.headers.find("Allow") == "GET, POST");
}

TEST_CASE("a broken percent escape in the path, or one that is no UTF-8, is 400", "[http][router]") {
    router routes;
    routes.add({method::get, "/tokens/{id}"}, says("get"));
    const auto* const broken = GENERATE("/tokens/%", "/tokens/%4", "/tokens/%zz", "/tokens/%ff");
    CHECK(ask(routes, method::get, broken).status == 400);
}

TEST_CASE("a handler's exception is 500 and says nothing of itself", "[http][router]") {
    router routes;
    routes.add({method::get, "/boom"}, [](const request&, const context&) -> response {
        throw std::runtime_error{"/secret/path: disk on fire"};
    });
    const auto answer = ask(routes, method::get, "/boom");
    CHECK(answer.status == 500);
    CHECK(answer.body.find("secret") == std::string::npos);
    CHECK(answer.body.find(R"("request_id":"r1")") != std::string::npos);
}

TEST_CASE("routes that match the same request are refused", "[http][router]") {
    router routes;
    routes.add({method::get, "/a/{id}/b"}, says("one"));
    CHECK_THROWS_AS(routes.add({method::get, "/a/c/{d}"}, says("two")), std::logic_error);
    CHECK_NOTHROW(routes.add({method::post, "/a/c/{d}"}, says("two")));
    CHECK_NOTHROW(routes.add({method::get, "/a/c/{d}/e"}, says("three")));
    CHECK(routes.routes().size() == 3);
    CHECK(routes.routes().front().pattern == "/a/{id}/b");
}

TEST_CASE("every answer is counted once, by route and class of status", "[http][router][metrics]") {
    router routes;
    routes.add({method::get, "/tokens"}, says("list"));
    routes.add({method::get, "/fails"},
               [](const request&, const context&) -> response { throw std::runtime_error{"disk"}; });
    routes.add({method::get, "/refuses"},
               [](const request&, const context&) { return response{.status = 422}; });
    for (const auto* const path : {"/tokens", "/tokens", "/fails", "/refuses", "/nowhere"}) {
        ask(routes, method::get, path);
    }
    ask(routes, method::post, "/tokens");
    using counts = std::vector<std::uint64_t>;
    const auto totals = routes.totals();
    const auto answers = [&totals](std::size_t route) {
        counts found;
        for (const auto& each : totals.at(route).answers) found.push_back(each.count());
        return found;
    };
    REQUIRE(totals.size() == 4);
    CHECK(totals[0].where.pattern == "/tokens");
    CHECK(answers(0) == counts{2, 0, 0, 0});
    CHECK(answers(1) == counts{0, 0, 0, 1});
    CHECK(answers(2) == counts{0, 0, 1, 0});
    CHECK(totals[3].where.pattern.empty());
    CHECK(answers(3) == counts{0, 0, 2, 0});
}

TEST_CASE("how long an answer took counts when it comes, from the request on", "[http][router][metrics]") {
    router routes;
    responder waiting;
    routes.add({method::get, "/later"}, [&waiting](const request&, const context&) {
        return response{.later = [&waiting](responder to) { waiting = std::move(to); }};
    });
    auto asked_at = instant::now();
    asked_at.monotonic -= std::chrono::seconds{2};
    ask(routes, method::get, "/later", asked_at).later([](const response&) {});
    CHECK(routes.totals().front().answers.front().count() == 0);
    waiting({.status = 200});
    const auto took = routes.totals().front().answers.front();
    CHECK(took.counts[9] == 1);  // up to three seconds
    CHECK(took.sum >= std::chrono::seconds{2});
}
