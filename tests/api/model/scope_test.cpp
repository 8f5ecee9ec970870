#include "api/model/scope.hpp"

#include <catch2/catch.hpp>

using namespace turnix::model;

TEST_CASE("every scope has a name of its own that leads back to it", "[model]") {
    const auto all = scope_set::all();
    CHECK(all.to_string() ==
          "ice:issue ice:revoke sessions:read sessions:kill usage:read tokens:admin projects:admin "
          "regions:admin "
          "stats:read audit:read webhooks:admin");
    CHECK(scope_set::parse(all.to_string()) == all);
    CHECK(scope_from("sessions:kill") == scope::sessions_kill);
    CHECK(scope_set::parse("usage:read ice:issue")->to_string() == "ice:issue usage:read");
    CHECK(scope_set::parse("") == scope_set{});
}

TEST_CASE("a set contains what it was given and nothing else", "[model]") {
    const scope_set set{scope::usage_read, scope::webhooks_admin};
    CHECK(set.contains(scope::webhooks_admin));
    CHECK_FALSE(set.contains(scope::audit_read));
    CHECK_FALSE(scope_set{}.contains(scope::ice_issue));
}

TEST_CASE("an unknown scope spoils the set", "[model]") {
    const auto* const text = GENERATE("ice", "ICE:ISSUE", "ice:issue,ice:revoke", "ice:issue  ice:revoke",
                                      " ", "ice:issue ice:none", "ice:issue ");
    CHECK_FALSE(scope_set::parse(text).has_value());
}

TEST_CASE("a set of scopes is within another when that has all of them", "[model]") {
    using enum turnix::model::scope;
    const turnix::model::scope_set two{ice_issue, ice_revoke};
    CHECK(two.is_within(two));
    CHECK(two.is_within(turnix::model::scope_set::all()));
    CHECK(turnix::model::scope_set{}.is_within(two));
    CHECK_FALSE(two.is_within({ice_issue, usage_read}));
}
