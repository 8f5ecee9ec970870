#include "common/credential/credential_ids.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <set>

using namespace turnix;
using namespace std::chrono_literals;

TEST_CASE("a credential that is issued later has the greater id, and no two the same", "[credential]") {
    const wall_time now = std::chrono::sys_days{std::chrono::year{2026} / 1 / 6} + 15h;
    std::set<credential_id> seen;
    for (int i = 0; i < 1'000; ++i) {
        const auto id = credential::new_credential_id(now + std::chrono::milliseconds{i / 100});
        CHECK(id.to_string().starts_with("019b93"));
        if (i % 100 == 0 && i > 0) CHECK(id > *seen.rbegin());
        CHECK(seen.insert(id).second);
    }
}
