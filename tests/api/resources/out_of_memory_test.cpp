// Whichever allocation of memory fails at a request to the API, it costs that request: 503, or nothing is
// answered and the connection closes; and what was done is done whole.
#include "api/store/token_table.hpp"
#include "tests/api/resources/node_under_test.hpp"
#include "tests/counted_allocations.hpp"
#include "tests/counted_openssl.hpp"
#include "tests/scale.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <new>
#include <optional>

using namespace turnix;
using namespace turnix::api;
using http::method;

namespace {

struct scenario {
    const char* name;
    http::request asked;
    std::uint16_t good;
};

std::vector<scenario> scenarios() {
    auto once = make_request(method::post, "/api/v1/tokens", R"({"name":"once","scopes":["ice:issue"]})");
    once.headers.add("Idempotency-Key", "the-same-all-the-time");
    return {
        {"issue a credential",
         make_request(method::post, "/api/v1/credentials/ice", R"({"room":"a","ttl":600})"), 200},
        {"list tokens", make_request(method::get, "/api/v1/tokens"), 200},
        {"create a token",
         make_request(method::post, "/api/v1/tokens", R"({"name":"a","scopes":["ice:issue"]})"), 201},
        {"create a token once", once, 201},
        {"list regions", make_request(method::get, "/api/v1/regions"), 200},
        {"list sessions", make_request(method::get, "/api/v1/sessions"), 200},
        {"what is not there", make_request(method::get, "/api/v1/nowhere"), 404},
    };
}

/// The answer, or nothing where the server would close the connection.
std::optional<http::response> ask(node_under_test& node, const http::request& asked, std::size_t nth,
                                  std::size_t more) {
    std::optional<http::response> came;
    const test::failing_allocation without_memory{nth, more};
    try {
        auto made = node.api.answer(asked, node.now);
        if (!made.later) return made;
        made.later([&came](http::response answer) { came = std::move(answer); });
    } catch (const std::bad_alloc&) {
        return std::nullopt;
    }
    return came;
}

std::size_t tokens_in_memory(node_under_test& node) { return node.tokens.all().size(); }

std::size_t tokens_on_disk(node_under_test& node) { return node.records.tokens().size(); }

}  // namespace

TEST_CASE("an allocation of memory that fails in the API costs its request, whichever it is",
          "[out_of_memory]") {
    api_rules rules;
    rules.requests_per_token = {.per_second = 1'000'000, .burst = 1'000'000};
    node_under_test node{rules};
    const test::counted_openssl with_openssl;
    std::size_t tried = 0;
    std::size_t unanswered = 0;
    for (auto& each : scenarios()) {
        each.asked.headers.add("Authorization", "Bearer " + node.first.token_text);
        for (const std::size_t more : {std::size_t{0}, std::size_t{20}}) {
            for (std::size_t nth = 1;; ++nth, ++tried) {
                CAPTURE(each.name, nth, more);
                const auto answer = ask(node, each.asked, nth, more);
                if (!test::failing_allocation::has_failed()) break;
                if (!answer) ++unanswered;
                if (answer) CHECK((answer->status == 503 || answer->status == each.good));
                const auto then = ask(node, each.asked, 0, 0);
                REQUIRE(then);
                CHECK(then->status == each.good);
                CHECK(tokens_in_memory(node) == tokens_on_disk(node));
            }
        }
    }
    CHECK(tried > 100);
    tests::tell_figure(
        "resource-memory",
        fmt::format("API: {} allocations failed in {} kinds of requests: 503, or in {} cases a closed "
                    "connection; the same request is served afterwards, memory and database say the same",
                    tried, scenarios().size(), unanswered));
}
