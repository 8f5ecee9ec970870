#include "relay/turn/node_admission.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <optional>
#include <random>
#include <thread>
#include <utility>
#include <vector>

using namespace turnix;
using namespace turnix::turn;

namespace {

credential::claims holder(std::uint8_t id, std::uint16_t allocations_max = 0) {
    credential::claims claims;
    claims.id.bytes[0] = id;
    claims.limits.allocations_max = allocations_max;
    return claims;
}

node_admission node(std::uint32_t sessions_max, std::uint16_t allocations_per_credential_max) {
    contract::relay_settings settings;
    settings.limits.sessions_max = sessions_max;
    settings.limits.allocations_per_credential_max = allocations_per_credential_max;
    return node_admission{settings, node_secrets::random()};
}

std::optional<admission_error> refusal(node_admission& from, const credential::claims& claims) {
    const auto outcome = from.admit(claims, monotonic_time{});
    return outcome ? std::nullopt : std::optional{outcome.error()};
}

std::vector<admission_lease> admitted(node_admission& from, const credential::claims& claims,
                                      std::size_t count) {
    std::vector<admission_lease> leases(count);
    for (auto& lease : leases) lease = from.admit(claims, monotonic_time{}).value();
    return leases;
}

}  // namespace

TEST_CASE("a credential has as many allocations as the settings say, or its own claims", "[policy]") {
    auto admission = node(100, 2);
    const auto [claims, expected] = GENERATE(table<credential::claims, std::size_t>({
        {holder(1), 2},
        {holder(2, 1), 1},
        {holder(3, 5), 5},
    }));
    auto leases = admitted(admission, claims, expected);
    CHECK(refusal(admission, claims) == admission_error{contract::quota::credential_allocations});
    CHECK_FALSE(refusal(admission, holder(9)));
    CHECK(admission.sessions() == expected);

    leases.pop_back();
    CHECK_FALSE(refusal(admission, claims));
}

TEST_CASE("the node has as many sessions as the settings say", "[policy]") {
    auto admission = node(3, 32);
    auto leases = admitted(admission, holder(1), 3);
    CHECK(refusal(admission, holder(9)) == admission_error{});
    CHECK(admission.sessions() == admission.sessions_max());

    leases.clear();
    CHECK(admission.sessions() == 0);
    CHECK_FALSE(refusal(admission, holder(9)));
}

TEST_CASE("fewer sessions hold from a change on, and more up to those of the start", "[policy]") {
    auto admission = node(3, 32);
    auto leases = admitted(admission, holder(1), 2);
    const auto change = [&admission](std::uint32_t most) {
        contract::limit_settings limits;
        limits.sessions_max = most;
        admission.change(limits);
        return admission.sessions_max();
    };
    CHECK(change(1) == 1);
    CHECK(refusal(admission, holder(9)) == admission_error{});
    CHECK(admission.sessions() == 2);
    leases.clear();
    CHECK_FALSE(refusal(admission, holder(9)));
    CHECK(change(2) == 2);
    CHECK(change(100) == 3);
}

TEST_CASE("who is refused for a full node is not charged for it", "[policy]") {
    auto admission = node(1, 1);
    {
        const auto other = admission.admit(holder(1), monotonic_time{}).value();
        CHECK(refusal(admission, holder(2)) == admission_error{});
    }
    CHECK_FALSE(refusal(admission, holder(2)));
}

TEST_CASE("a lease gives its place back once, wherever it was moved to", "[policy]") {
    auto admission = node(10, 2);
    auto first = admission.admit(holder(1), monotonic_time{}).value();
    auto second = admission.admit(holder(1), monotonic_time{}).value();

    auto moved = std::move(first);
    CHECK(admission.sessions() == 2);
    moved = std::move(second);
    CHECK(admission.sessions() == 1);
    CHECK_FALSE(refusal(admission, holder(1)));
    moved = admission.admit(holder(2), monotonic_time{}).value();
    CHECK(admission.sessions() == 1);
    moved = {};
    CHECK(admission.sessions() == 0);
}

TEST_CASE("a quota of one under a flood from all workers admits one at a time", "[policy]") {
    auto admission = node(1'000, 1);
    std::atomic<int> inside{0};
    std::atomic<int> violations{0};
    std::atomic<int> admitted_rounds{0};
    const auto flood = [&] {
        for (int round = 0; round < 20'000; ++round) {
            const auto lease = admission.admit(holder(1), monotonic_time{});
            if (!lease) continue;
            ++admitted_rounds;
            if (inside.fetch_add(1) != 0) ++violations;
            inside.fetch_sub(1);
        }
    };
    std::array<std::thread, 4> workers;
    for (auto& worker : workers) worker = std::thread{flood};
    for (auto& worker : workers) worker.join();
    CHECK(violations == 0);
    CHECK(admitted_rounds > 0);
    CHECK(admission.sessions() == 0);
}

TEST_CASE("after any sequence of admissions and ends the counts are those of the live leases", "[policy]") {
    std::mt19937 random{3};
    auto admission = node(40, 8);
    std::vector<std::pair<std::uint8_t, admission_lease>> live;
    const auto held_by = [&](std::uint8_t id) {
        return std::ranges::count_if(live, [&](const auto& each) { return each.first == id; });
    };
    for (int round = 0; round < 20'000; ++round) {
        const auto id = static_cast<std::uint8_t>(random() % 10);
        if (random() % 2 == 0) {
            auto lease = admission.admit(holder(id), monotonic_time{});
            REQUIRE(lease.has_value() == (live.size() < 40 && held_by(id) < 8));
            if (lease) live.emplace_back(id, std::move(*lease));
        } else if (!live.empty()) {
            std::swap(live[random() % live.size()], live.back());
            live.pop_back();
        }
        REQUIRE(admission.sessions() == live.size());
    }
}
