#include "api/auth/token_directory.hpp"

#include "api/auth/bootstrap.hpp"
#include "api/auth/token_text.hpp"
#include "tests/api/store/examples.hpp"

#include <catch2/catch.hpp>

using namespace turnix;
using namespace turnix::auth;
using namespace std::chrono_literals;

namespace {

constexpr auto noon = tests::noon;

class directory_fixture {
  public:
    tests::temporary_directory directory;
    store::store storing{directory.path() / "turnix.db"};
    bootstrapped acme = bootstrap(storing, {.organisation_name = "Acme", .project_slug = "calls"}, noon);
    bootstrapped other = bootstrap(storing, {.organisation_name = "Other", .project_slug = "calls"}, noon);
    tenant_directory tenants{storing};
    token_directory tokens{storing, tenants};

    static model::token_reach project_of(const bootstrapped& of) {
        return {.organisation = of.organisation, .project = of.project};
    }
    static model::token_reach organisation_of(const bootstrapped& of) {
        return {.organisation = of.organisation, .project = std::nullopt};
    }
    created_token create(std::optional<wall_time> expires_at = std::nullopt) {
        return tokens.create({.reach = project_of(acme),
                              .name = "server",
                              .scopes = {model::scope::ice_issue},
                              .expires_at = expires_at},
                             noon);
    }
    result<model::principal, auth_error> authenticate(const std::string& text, wall_time now = noon) {
        return tokens.authenticate("Bearer " + text, now);
    }
};

}  // namespace

TEST_CASE_METHOD(directory_fixture, "a token says whose it is and what it may do", "[auth]") {
    const auto made = create();
    const auto principal = authenticate(made.text).value();
    CHECK(principal.token == made.token.id);
    CHECK(principal.reach == project_of(acme));
    CHECK(principal.project->id == acme.project);
    CHECK(principal.project->slug == "calls");
    CHECK(principal.scopes == model::scope_set{model::scope::ice_issue});
}

TEST_CASE_METHOD(directory_fixture, "the first token has every scope and means the first project", "[auth]") {
    const auto principal = authenticate(acme.token_text).value();
    CHECK(principal.reach == organisation_of(acme));
    CHECK(principal.project->id == acme.project);
    CHECK(principal.scopes == model::scope_set::all());
}

TEST_CASE_METHOD(directory_fixture, "what is no genuine token in force is refused with its reason",
                 "[auth]") {
    const auto expiring = create(noon + 1h).text;
    const auto revoked = create();
    REQUIRE(tokens.revoke(project_of(acme), revoked.token.id, noon));
    const auto id = create().token.id;
    struct row {
        const char* what;
        std::string authorization;
        auth_error expected;
    };
    const std::vector<row> rows{
        {"nothing", "", auth_error::missing},
        {"no scheme", expiring, auth_error::malformed},
        {"another scheme", "Basic " + expiring, auth_error::malformed},
        {"two spaces", "Bearer  " + expiring, auth_error::malformed},
        {"something behind it", "Bearer " + expiring + " ", auth_error::malformed},
        {"an empty token", "Bearer ", auth_error::malformed},
        {"a megabyte", "Bearer " + std::string(1'000'000, 'a'), auth_error::malformed},
        {"an id that is unknown", "Bearer " + mint_token(token_id::random()).text, auth_error::unknown},
        {"a known id with another secret", "Bearer " + mint_token(id).text, auth_error::unknown},
        {"a revoked token", "Bearer " + revoked.text, auth_error::revoked},
        {"an expired token", "Bearer " + expiring, auth_error::expired},
    };
    for (const auto& [what, authorization, expected] : rows) {
        DYNAMIC_SECTION(what) { CHECK(tokens.authenticate(authorization, noon + 1h).error() == expected); }
    }
    CHECK(tokens.authenticate("bearer " + expiring, noon + 1h - 1ms).has_value());
}

TEST_CASE_METHOD(directory_fixture, "a revocation is in force at once and after a restart", "[auth]") {
    const auto made = create();
    REQUIRE(authenticate(made.text).has_value());
    CHECK(tokens.revoke(organisation_of(acme), made.token.id, noon + 1s));
    CHECK(authenticate(made.text).error() == auth_error::revoked);
    token_directory after_restart{storing, tenants};
    CHECK(after_restart.authenticate("Bearer " + made.text, noon).error() == auth_error::revoked);
    CHECK(after_restart.authenticate("Bearer " + acme.token_text, noon).has_value());
}

TEST_CASE_METHOD(directory_fixture, "a rotated token has two secrets until the old one ends", "[auth]") {
    const auto made = create();
    const auto rotated = tokens.rotate(project_of(acme), made.token.id, noon + 1h).value();
    CHECK(rotated.token.id == made.token.id);
    CHECK(authenticate(made.text, noon + 1h - 1ms).has_value());
    CHECK(authenticate(made.text, noon + 1h).error() == auth_error::unknown);
    CHECK(authenticate(rotated.text, noon + 1h).has_value());
    token_directory after_restart{storing, tenants};
    CHECK(after_restart.authenticate("Bearer " + made.text, noon).has_value());
    CHECK(after_restart.authenticate("Bearer " + rotated.text, noon + 2h).has_value());
    const auto again = tokens.rotate(project_of(acme), made.token.id, noon).value();
    CHECK(authenticate(made.text).error() == auth_error::unknown);
    CHECK(authenticate(rotated.text).error() == auth_error::unknown);
    CHECK(authenticate(again.text).has_value());
}

TEST_CASE_METHOD(directory_fixture, "a changed token is what it says at once and after a restart", "[auth]") {
    const auto made = create();
    const token_change to{.name = "other",
                          .scopes = model::scope_set{model::scope::usage_read},
                          .expires_at = std::optional{noon + 2h}};
    REQUIRE(tokens.change(project_of(acme), made.token.id, to).has_value());
    CHECK(authenticate(made.text).value().scopes == model::scope_set{model::scope::usage_read});
    CHECK(authenticate(made.text, noon + 2h).error() == auth_error::expired);
    token_directory after_restart{storing, tenants};
    CHECK(after_restart.find(project_of(acme), made.token.id)->name == "other");
    CHECK_FALSE(tokens.change(project_of(other), made.token.id, {}).has_value());
    CHECK_FALSE(tokens.rotate(project_of(other), made.token.id, noon).has_value());
    REQUIRE(tokens.revoke(project_of(acme), made.token.id, noon));
    CHECK_FALSE(tokens.rotate(project_of(acme), made.token.id, noon).has_value());
}

TEST_CASE_METHOD(directory_fixture, "a deleted project's tokens are refused", "[auth]") {
    const model::project second{.id = project_id::random(),
                                .organisation = acme.organisation,
                                .slug = "second",
                                .settings = {},
                                .created_at = noon};
    tenants.add(second);
    const model::token_reach reach{.organisation = acme.organisation, .project = second.id};
    const auto made = tokens.create({.reach = reach, .name = "short", .scopes = {}, .expires_at = {}}, noon);
    REQUIRE(authenticate(made.text).has_value());
    tenants.remove(second.id);
    CHECK(authenticate(made.text).error() == auth_error::unknown);
    tokens.forget(second.id);
    CHECK_FALSE(tokens.find(reach, made.token.id).has_value());
}

TEST_CASE_METHOD(directory_fixture, "another tenant's token cannot be listed or revoked", "[auth]") {
    const auto made = create();
    for (const auto& stranger : {project_of(other), organisation_of(other)}) {
        CHECK_FALSE(tokens.revoke(stranger, made.token.id, noon));
        for (const auto& each : tokens.list(stranger)) CHECK(each.reach.organisation == other.organisation);
    }
    // A project's reach does not include the tokens of its whole organisation.
    CHECK_FALSE(tokens.revoke(project_of(acme), acme.token, noon));
    CHECK(authenticate(made.text).has_value());
    CHECK(authenticate(acme.token_text).has_value());
    CHECK(tokens.list(project_of(acme)).size() == 1);
    CHECK(tokens.list(organisation_of(acme)).size() == 2);
    CHECK_FALSE(tenants.find_project(other.organisation, "nothing"));
    CHECK(tenants.find_project(other.organisation, "calls")->id == other.project);
}

TEST_CASE_METHOD(directory_fixture, "a token is made only where organisation and project exist together",
                 "[auth]") {
    const auto organisation = acme.organisation;
    const auto foreign_project = other.project;
    const auto where =
        GENERATE_COPY(model::token_reach{.organisation = organisation, .project = foreign_project},
                      model::token_reach{.organisation = organisation, .project = project_id::random()},
                      model::token_reach{.organisation = organisation_id::random(), .project = std::nullopt});
    CHECK_THROWS_AS(
        tokens.create({.reach = where, .name = "x", .scopes = {}, .expires_at = std::nullopt}, noon),
        std::invalid_argument);
}

TEST_CASE_METHOD(directory_fixture, "the last use is written at most once a minute", "[auth]") {
    const auto made = create();
    const auto used_at = [&] { return tokens.list(project_of(acme)).front().last_used_at; };
    CHECK_FALSE(used_at().has_value());
    for (const auto after : {0s, 1s, 59s}) REQUIRE(authenticate(made.text, noon + after).has_value());
    CHECK(used_at() == noon);
    REQUIRE(authenticate(made.text, noon + 60s).has_value());
    CHECK(used_at() == noon + 60s);
    storing.flush();
    token_directory after_restart{storing, tenants};
    CHECK(after_restart.list(project_of(acme)).front().last_used_at == noon + 60s);
}

TEST_CASE_METHOD(directory_fixture, "names out of their bounds make no tenant", "[auth]") {
    const auto [organisation, project] = GENERATE(table<const char*, const char*>({
        {"", "calls"},
        {"a\nb", "calls"},
        {"Acme", ""},
        {"Acme", "Calls"},
        {"Acme", "-calls"},
        {"Acme", "calls-"},
        {"Acme", "a b"},
    }));
    CHECK_THROWS_AS(bootstrap(storing, {.organisation_name = organisation, .project_slug = project}, noon),
                    std::invalid_argument);
    CHECK(storing.organisations().size() == 2);
}
