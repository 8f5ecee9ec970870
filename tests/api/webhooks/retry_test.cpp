#include "api/webhooks/retry.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <vector>

using namespace turnix;
using namespace turnix::webhooks;
using namespace std::chrono_literals;

namespace {

constexpr wall_time noon{std::chrono::hours{12}};

model::delivery fresh() {
    model::delivery made;
    made.created_at = noon;
    made.due_at = noon;
    made.give_up_at = noon + tried_for;
    return made;
}

}  // namespace

TEST_CASE("a delivery that is taken is tried no more", "[webhooks]") {
    const auto status = GENERATE(200, 204, 299);
    const auto after = after_try(fresh(), {.status = status, .fault = {}}, noon + 1s, 0);
    CHECK_FALSE(after.due_at.has_value());
    CHECK(after.delivered_at == noon + 1s);
    CHECK(after.attempts == 1);
    CHECK(std::string{after.state()} == "delivered");
}

TEST_CASE("a delivery that fails is tried again later and later, for 24 hours", "[webhooks]") {
    auto delivery = fresh();
    auto now = noon;
    std::vector<std::chrono::nanoseconds> waits;
    while (delivery.due_at) {
        now = *delivery.due_at;
        delivery = after_try(delivery, {.status = 500, .fault = {}}, now, 0);
        if (delivery.due_at) waits.emplace_back(*delivery.due_at - now);
    }
    REQUIRE(waits.size() > 10);
    CHECK(waits[0] == 5s);
    CHECK(waits[1] == 10s);
    CHECK(waits[2] == 20s);
    CHECK(std::is_sorted(waits.begin(), waits.end()));
    CHECK(waits.back() == 1h);
    CHECK(now <= noon + tried_for);
    CHECK(now > noon + tried_for - 1h);
    CHECK(std::string{delivery.state()} == "dead");
    CHECK(delivery.last_status == 500);
}

TEST_CASE("what went wrong before there was an answer is kept, in place of a status", "[webhooks]") {
    const auto after = after_try(fresh(), {.status = {}, .fault = "there was no answer"}, noon, 1);
    CHECK(after.last_fault == "there was no answer");
    CHECK_FALSE(after.last_status.has_value());
    CHECK(after.due_at == noon + 6250ms);  // a quarter more at most
    CHECK(std::string{after.state()} == "pending");
}

TEST_CASE("a replayed delivery has another 24 hours", "[webhooks]") {
    auto dead = fresh();
    dead.attempts = 30;
    dead.due_at.reset();
    const auto again = replayed(dead, noon + 48h);
    CHECK(again.due_at == noon + 48h);
    CHECK(again.give_up_at == noon + 72h);
    CHECK(again.attempts == 0);
}
