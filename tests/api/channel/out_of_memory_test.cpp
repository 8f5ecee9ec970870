// Whichever allocation of memory fails between two nodes, it costs the question that was asked then: it has
// no answer, within its time, and the next one has.
#include "tests/api/channel/two_nodes.hpp"
#include "tests/counted_allocations.hpp"
#include "tests/counted_openssl.hpp"
#include "tests/scale.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <new>
#include <optional>

using namespace turnix;
using namespace turnix::channel;

namespace {

using outcome = std::optional<std::optional<http::response>>;

/// The answer, nothing in its place, or nothing at all when it could not be asked.
outcome ask_without_memory(two_nodes& nodes, node_channel& from, std::size_t nth, std::size_t more) {
    const auto got = std::make_shared<outcome>();
    const auto what = request_for("/path");
    const auto whom = nodes.other.known().id;
    const node_link::completion done = [got](auto answer) { *got = std::move(answer); };
    bool is_asked = true;
    bool is_answered = false;
    {
        const test::failing_allocation without_memory{nth, more};
        try {
            from.ask(whom, what, done);
            is_answered = nodes.run_until([&got] { return got->has_value(); });
        } catch (const std::bad_alloc&) {
            is_asked = false;
        }
    }
    CHECK(is_answered == is_asked);
    return *got;
}

}  // namespace

TEST_CASE_METHOD(two_nodes,
                 "an allocation of memory that fails between nodes costs a question, whichever it is",
                 "[channel][out_of_memory]") {
    const test::counted_openssl with_openssl;
    const bool is_full = tests::is_full_scale();
    const auto stride = is_full ? std::size_t{1} : std::size_t{61};
    std::size_t tried = 0;
    std::size_t unanswered = 0;
    for (const bool is_connected : {true, false}) {
        auto asking = open(one, echo());
        const auto asked = open(other, echo());
        REQUIRE(ask(*asking, other));
        for (const std::size_t more : {std::size_t{0}, std::size_t{20}}) {
            for (std::size_t nth = 1;; nth += stride, ++tried) {
                CAPTURE(is_connected, nth, more);
                if (!is_connected) {
                    asking.reset();
                    asking = open(one, echo());
                }
                const auto got = ask_without_memory(*this, *asking, nth, more);
                if (!test::failing_allocation::has_failed()) break;
                if (!got || !*got) ++unanswered;
                REQUIRE(run_until([&] { return ask(*asking, other).has_value(); }));
            }
        }
    }
    CHECK(tried > 10);
    tests::tell_figure(
        "resource-memory",
        fmt::format("between nodes: {} allocations failed at questions, on a connection that was "
                    "there and on a new one: {} had no answer, each question afterwards has",
                    tried, unanswered));
}

TEST_CASE_METHOD(two_nodes, "a change of the nodes that there is no memory for changes nothing",
                 "[channel][out_of_memory]") {
    const auto asking = open(one, echo());
    const auto asked = open(other, echo());
    const auto third = party{};
    const std::vector all{one.known(), other.known(), third.known()};
    for (std::size_t nth = 1;; ++nth) {
        CAPTURE(nth);
        bool has_thrown = false;
        {
            const test::failing_allocation without_memory{nth};
            try {
                asking->use(all);
            } catch (const std::exception&) {
                has_thrown = true;
            }
        }
        if (!test::failing_allocation::has_failed()) break;
        if (has_thrown) CHECK(ask(*asking, other).has_value());
        asking->use({one.known(), other.known()});
    }
    CHECK(ask(*asking, other).has_value());
}
