// Several nodes' directories, which tell each other what they make: in any order, late, or never.
#include "api/auth/tenant_mirror.hpp"

#include "api/auth/bootstrap.hpp"
#include "api/model/tenant_record.hpp"
#include "api/store/record_table.hpp"
#include "tests/api/store/examples.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <deque>
#include <memory>
#include <random>
#include <set>

using namespace turnix;
using namespace turnix::auth;
using namespace std::chrono_literals;

namespace {

constexpr auto noon = tests::noon;

class tenant_node {
  public:
    explicit tenant_node(std::uint16_t number) : number_{number} { open(); }

    /// As a process that ends and begins again; nobody hears of it meanwhile.
    void restart() {
        close();
        open();
    }
    void take(const model::shared_record& told) { mirror().take(told, noon); }

    [[nodiscard]] store::store& records() { return *store_; }
    [[nodiscard]] tenant_directory& tenants() { return *tenants_; }
    [[nodiscard]] token_directory& tokens() { return *tokens_; }
    [[nodiscard]] tenant_mirror& mirror() { return *mirror_; }

    /// Everything that tenants can see of it.
    [[nodiscard]] std::set<std::string> look() {
        std::set<std::string> seen;
        for (const auto& each : tenants().organisations()) {
            seen.insert("organisation " + each.id.to_string() + ' ' + each.name + ' ' +
                        each.default_project.to_string());
        }
        for (const auto& each : tenants().projects()) {
            const auto quota = each->settings.quotas.allocations.value_or(0);
            seen.insert("project " + each->id.to_string() + ' ' + each->slug + ' ' + std::to_string(quota) +
                        ' ' + each->settings.links.room);
        }
        for (const auto& each : tokens().all()) {
            seen.insert("token " + each.id.to_string() + ' ' + each.name + ' ' + each.scopes.to_string() +
                        (each.revoked_at ? " revoked" : ""));
        }
        return seen;
    }
    [[nodiscard]] std::vector<std::string> conflicts(organisation_id organisation) {
        std::vector<std::string> found;
        records().run([&](auto& database) {
            for (const auto& each :
                 store::read_audit(database, {.organisation = organisation, .limit = 100})) {
                found.push_back(each.action + " -> " + each.target);
            }
        });
        return found;
    }

    std::vector<model::shared_record> said;  ///< since it was last emptied, and at each start
    std::vector<project_id> forgotten;

  private:
    void open() {
        store_ = std::make_unique<store::store>(directory_.path() / "turnix.db");
        tenants_ = std::make_unique<tenant_directory>(*store_, number_);
        tokens_ = std::make_unique<token_directory>(*store_, *tenants_);
        mirror_ = std::make_unique<tenant_mirror>(
            tenant_mirror::parts{.records = *store_,
                                 .tenants = *tenants_,
                                 .tokens = *tokens_,
                                 .forget_project = [this](project_id gone) { forgotten.push_back(gone); }});
        const auto heard = [this](const auto& made) { said.insert(said.end(), made.begin(), made.end()); };
        heard(mirror_->start(noon));
        tenants_->versions().join(heard);
    }
    void close() {
        mirror_.reset();
        tokens_.reset();
        tenants_.reset();
        store_.reset();
    }

    tests::temporary_directory directory_;
    std::uint16_t number_;
    std::unique_ptr<store::store> store_;
    std::unique_ptr<tenant_directory> tenants_;
    std::unique_ptr<token_directory> tokens_;
    std::unique_ptr<tenant_mirror> mirror_;
};

/// A node with an organisation, and one that has joined it and heard of nothing yet.
struct pair_of_nodes {
    tenant_node first{1};
    tenant_node second{2};
    bootstrapped acme =
        bootstrap(first.records(), {.organisation_name = "Acme", .project_slug = "calls"}, noon);

    pair_of_nodes() { first.restart(); }

    static void carry(tenant_node& from, tenant_node& to) {
        for (const auto& each : std::exchange(from.said, {})) to.take(each);
    }
    void meet() {
        carry(first, second);
        carry(second, first);
    }
    created_token create_token(tenant_node& at, const std::string& name = "server") {
        return at.tokens().create({.reach = {.organisation = acme.organisation, .project = acme.project},
                                   .name = name,
                                   .scopes = {model::scope::ice_issue},
                                   .expires_at = {}},
                                  noon);
    }
    bool admits(tenant_node& at, const std::string& text) {
        return at.tokens().authenticate("Bearer " + text, noon).has_value();
    }
    [[nodiscard]] model::token_reach whole() const {
        return {.organisation = acme.organisation, .project = {}};
    }
    /// A project of the organisation, made at a node.
    model::project add_project(tenant_node& at, const std::string& slug, wall_time created) {
        const model::project made{.id = project_id::random(),
                                  .organisation = acme.organisation,
                                  .slug = slug,
                                  .settings = {},
                                  .created_at = created};
        at.tenants().add(made);
        return made;
    }
};

}  // namespace

TEST_CASE_METHOD(pair_of_nodes, "a token of one node is good on another, and after its restart",
                 "[auth][fleet]") {
    CHECK_FALSE(admits(second, acme.token_text));
    meet();
    CHECK(admits(second, acme.token_text));
    const auto made = create_token(first);
    CHECK_FALSE(admits(second, made.text));
    meet();
    CHECK(admits(second, made.text));
    second.restart();
    CHECK(admits(second, made.text));
    CHECK(second.look() == first.look());
    CHECK(second.conflicts(acme.organisation).empty());
}

TEST_CASE_METHOD(pair_of_nodes, "records that come in the wrong order wait for what they are about",
                 "[auth][fleet]") {
    create_token(first);
    add_project(first, "games", noon);
    auto told = std::exchange(first.said, {});
    std::ranges::reverse(told);
    for (std::size_t i = 0; i < told.size(); ++i) {
        second.take(told[i]);
        // Whatever waits has been written down.
        if (i == told.size() / 2) second.restart();
    }
    CHECK(second.look() == first.look());
    second.restart();
    CHECK(second.look() == first.look());
}

TEST_CASE_METHOD(pair_of_nodes, "a token that was revoked stays so, whatever was written elsewhere",
                 "[auth][fleet]") {
    const auto made = create_token(first);
    meet();
    REQUIRE(first.tokens().revoke(whole(), made.token.id, noon));
    // Made later, and without knowing.
    REQUIRE(second.tokens().change(whole(), made.token.id, {.name = "renamed"}));
    meet();
    meet();
    CHECK_FALSE(admits(first, made.text));
    CHECK_FALSE(admits(second, made.text));
    CHECK(first.look() == second.look());
    CHECK(second.conflicts(acme.organisation) ==
          std::vector{"CONFLICT /api/v1/tokens/{id} -> /api/v1/tokens/" + made.token.id.to_string()});
    CHECK(first.conflicts(acme.organisation).empty());
}

TEST_CASE_METHOD(pair_of_nodes, "a rotated token's old secret overlaps on every node", "[auth][fleet]") {
    const auto made = create_token(first);
    meet();
    const auto rotated = second.tokens().rotate(whole(), made.token.id, noon + 1h);
    REQUIRE(rotated);
    meet();
    CHECK(admits(first, rotated->text));
    CHECK(admits(first, made.text));
    CHECK_FALSE(first.tokens().authenticate("Bearer " + made.text, noon + 2h).has_value());
}

TEST_CASE_METHOD(pair_of_nodes,
                 "of two changes that did not know of each other the later one counts, and the "
                 "audit log of who loses says so",
                 "[auth][fleet]") {
    meet();
    auto project = *first.tenants().find_project(acme.project);
    project.settings.quotas.allocations = 1;
    first.tenants().change(project);
    project.settings.quotas.allocations = 2;
    second.tenants().change(project);
    SECTION("of which one writer makes several") {
        project.settings.quotas.allocations = 3;
        second.tenants().change(project);
        second.said.erase(second.said.begin());
    }
    meet();
    CHECK(first.look() == second.look());
    CHECK(first.tenants().find_project(acme.project)->settings == project.settings);
    CHECK(first.conflicts(acme.organisation) ==
          std::vector<std::string>{"CONFLICT /api/v1/projects/{project} -> /api/v1/projects/calls"});
    CHECK(second.conflicts(acme.organisation).empty());
}

TEST_CASE_METHOD(pair_of_nodes, "changes one after the other are no conflict, whoever makes them",
                 "[auth][fleet]") {
    meet();
    for (std::uint32_t i = 1; i < 6; ++i) {
        auto& node = i % 2 == 0 ? first : second;
        auto project = *node.tenants().find_project(acme.project);
        project.settings.quotas.allocations = i;
        node.tenants().change(project);
        meet();
    }
    CHECK(first.look() == second.look());
    CHECK(first.conflicts(acme.organisation).empty());
    CHECK(second.conflicts(acme.organisation).empty());
}

TEST_CASE_METHOD(pair_of_nodes, "a project's links go with it, however long", "[auth][fleet]") {
    auto project = *first.tenants().find_project(acme.project);
    project.settings.links = {.room = "https://a.test/" + std::string(480, 'a'),
                              .client = "https://b.test/" + std::string(480, 'b'),
                              .session = "https://c.test/" + std::string(480, 'c')};
    first.tenants().change(project);
    meet();
    CHECK(second.tenants().find_project(acme.project)->settings == project.settings);
    project.settings.links.client.clear();
    first.tenants().change(project);
    meet();
    second.restart();
    CHECK(second.tenants().find_project(acme.project)->settings == project.settings);
}

TEST_CASE_METHOD(pair_of_nodes,
                 "packet rates go with a project, and one without is the record that it always was",
                 "[auth][fleet]") {
    auto project = *first.tenants().find_project(acme.project);
    const auto before = model::records_of(project).front().body;
    const auto [of_project, of_credential] =
        GENERATE(table<std::optional<std::uint32_t>, std::optional<std::uint32_t>>(
            {{5'000, 60}, {5'000, std::nullopt}, {std::nullopt, 60}}));
    project.settings.quotas.packets_per_second = of_project;
    project.settings.limits.packets_per_second = of_credential;
    const auto with = model::records_of(project).front();
    const auto rates = (of_project ? 9U : 1U) + (of_credential ? 9U : 1U);
    CHECK(with.body.size() == before.size() + rates);
    first.tenants().change(project);
    meet();
    second.restart();
    CHECK(second.tenants().find_project(acme.project)->settings == project.settings);
    // Written twice: with rates that are both absent.
    auto other = with;
    other.body = before;
    other.body.resize(before.size() + 2);
    CHECK_FALSE(model::project_of(other));

    project.settings.quotas.packets_per_second.reset();
    project.settings.limits.packets_per_second.reset();
    first.tenants().change(project);
    meet();
    CHECK(second.tenants().find_project(acme.project)->settings == project.settings);
    CHECK(model::records_of(project).front().body == before);
}

TEST_CASE_METHOD(pair_of_nodes,
                 "a project that is removed takes its tokens along everywhere, and does not come back",
                 "[auth][fleet]") {
    const auto project = add_project(first, "games", noon);
    const auto token =
        first.tokens().create({.reach = {.organisation = acme.organisation, .project = project.id},
                               .name = "of games",
                               .scopes = {model::scope::ice_issue},
                               .expires_at = {}},
                              noon);
    meet();
    REQUIRE(admits(second, token.text));
    first.tenants().remove(project.id);
    first.tokens().forget(project.id);
    auto changed = project;
    changed.settings.quotas.allocations = 7;
    second.tenants().change(changed);
    meet();
    CHECK(second.forgotten == std::vector{project.id});
    CHECK_FALSE(admits(second, token.text));
    CHECK(first.look() == second.look());
    second.restart();
    CHECK(second.tenants().find_project(project.id) == nullptr);
    CHECK_FALSE(admits(second, token.text));
}

TEST_CASE_METHOD(pair_of_nodes,
                 "of two projects with one slug the younger one gets another, the same everywhere",
                 "[auth][fleet]") {
    meet();
    const auto older = add_project(first, "games", noon);
    const auto younger = add_project(second, "games", noon + 1s);
    meet();
    meet();
    CHECK(first.look() == second.look());
    CHECK(first.tenants().find_project(older.id)->slug == "games");
    CHECK(first.tenants().find_project(younger.id)->slug == "games-" + younger.id.to_string().substr(0, 8));
    first.restart();
    second.restart();
    CHECK(first.look() == second.look());
    // A third one that only hears of it later agrees.
    tenant_node third{3};
    pair_of_nodes::carry(first, third);
    CHECK(third.look() == first.look());
}

TEST_CASE_METHOD(pair_of_nodes,
                 "a node with an organisation of its own brings it along; the operator's is the oldest",
                 "[auth][fleet]") {
    tenant_node third{3};
    const auto late =
        bootstrap(third.records(), {.organisation_name = "Late", .project_slug = "calls"}, noon + 1h);
    third.restart();
    CHECK(third.tenants().operated()->name == "Late");
    carry(first, third);
    carry(third, first);
    CHECK(third.tenants().operated()->name == "Acme");
    CHECK(first.tenants().operated()->name == "Acme");
    CHECK(admits(first, late.token_text));
    CHECK(admits(third, acme.token_text));
}

TEST_CASE_METHOD(pair_of_nodes,
                 "an organisation whose default project was removed elsewhere means its oldest one",
                 "[auth][fleet]") {
    const auto games = add_project(first, "games", noon + 1s);
    meet();
    auto organisation = *second.tenants().find_organisation(acme.organisation);
    organisation.default_project = games.id;
    second.tenants().change(organisation);
    first.tenants().remove(games.id);
    meet();
    for (auto* node : {&first, &second}) {
        CHECK(node->tokens().authenticate("Bearer " + acme.token_text, noon)->project->id == acme.project);
        node->restart();
        CHECK(node->tokens().authenticate("Bearer " + acme.token_text, noon)->project->id == acme.project);
    }
}

TEST_CASE("where nodes share a database, no records are made", "[auth][fleet]") {
    const tests::temporary_directory directory;
    store::store records{directory.path() / "turnix.db"};
    tenant_directory tenants{records, std::nullopt};
    token_directory tokens{records, tenants};
    const auto made = bootstrap(records, {"Example", "default"}, noon);
    tenants.look_again(std::vector{made.organisation});
    tenants.look_again(std::vector{made.project});
    tenants.versions().join([](const auto&) { FAIL("it was told"); });
    const model::token_reach reach{.organisation = made.organisation, .project = made.project};
    const auto token =
        tokens.create({.reach = reach, .name = "ci", .scopes = {}, .expires_at = std::nullopt}, noon);
    CHECK(tokens.revoke(reach, token.token.id, noon));
    std::vector<model::shared_record> held;
    records.run([&held](auto& database) { held = store::read_records(database); });
    CHECK(held.empty());
}

TEST_CASE("what expired long ago is not told any more, and what was revoked for good is", "[auth][fleet]") {
    pair_of_nodes nodes;
    auto expiring = nodes.first.tokens().create({.reach = nodes.whole(),
                                                 .name = "short",
                                                 .scopes = {model::scope::ice_issue},
                                                 .expires_at = noon + 1h},
                                                noon);
    const auto made = std::exchange(nodes.first.said, {}).back();
    CHECK(made.until == noon + 1h + std::chrono::days{1});
    REQUIRE(nodes.first.tokens().change(nodes.whole(), expiring.token.id, {.expires_at = noon + 30min}));
    // As long as the version before it, which another node may still tell.
    CHECK(nodes.first.said.back().until == made.until);
    REQUIRE(nodes.first.tokens().revoke(nodes.whole(), expiring.token.id, noon));
    CHECK(nodes.first.said.back().until == model::shared_record::for_good);
}

namespace {

/// Three nodes at which all kinds of things happen, and that hear of each other's late and in no order.
class loose_fleet : public pair_of_nodes {
  public:
    explicit loose_fleet(unsigned seed) : random_{seed} {}

    void step() {
        const auto which = below(nodes_.size());
        do_something(*nodes_[which]);
        hand_out();
        auto& waiting = inbox_[which];
        for (auto left = below(6); left > 0 && !waiting.empty(); --left) {
            const auto at = waiting.begin() + static_cast<std::ptrdiff_t>(below(waiting.size()));
            const auto told = *at;
            waiting.erase(at);
            nodes_[which]->take(told);
        }
        if (below(40) == 0) nodes_[which]->restart();
    }
    void calm_down() {
        // What settles one collision is told, too.
        for (int round = 0; round < 4; ++round) {
            hand_out();
            for (std::size_t to = 0; to < nodes_.size(); ++to) {
                for (const auto& each : std::exchange(inbox_[to], {})) nodes_[to]->take(each);
            }
        }
    }

    tenant_node third{3};

  private:
    std::size_t below(std::size_t count) { return random_() % count; }

    void hand_out() {
        for (auto* const from : nodes_) {
            for (const auto& each : std::exchange(from->said, {})) {
                for (std::size_t to = 0; to < nodes_.size(); ++to) {
                    if (nodes_[to] != from) inbox_[to].push_back(each);
                }
            }
        }
    }
    void do_something(tenant_node& at) {
        const auto projects = at.tenants().projects();
        const auto tokens = at.tokens().all();
        if (projects.empty()) return;
        change_project(at, *projects[below(projects.size())]);
        if (!tokens.empty()) change_token(at, tokens[below(tokens.size())].id);
    }
    void change_project(tenant_node& at, const model::project& project) {
        auto changed = project;
        switch (below(5)) {
            case 0:
                add_project(at, "p" + std::to_string(random_()), noon + std::chrono::seconds{below(60)});
                break;
            case 1:
                if (at.tenants().find_project(acme.organisation, "same") != nullptr) break;
                add_project(at, "same", noon + std::chrono::seconds{below(60)});
                break;
            case 2:
                changed.settings.quotas.allocations = static_cast<std::uint32_t>(1 + below(1'000));
                changed.settings.links.room = "https://x.test/" + std::to_string(below(9));
                at.tenants().change(changed);
                break;
            case 3:
                if (project.id == acme.project) break;
                at.tenants().remove(project.id);
                at.tokens().forget(project.id);
                break;
            default:
                at.tokens().create({.reach = {.organisation = acme.organisation, .project = project.id},
                                    .name = "t",
                                    .scopes = {model::scope::ice_issue},
                                    .expires_at = {}},
                                   noon);
        }
    }
    void change_token(tenant_node& at, token_id id) {
        if (below(3) == 0) {
            at.tokens().revoke(whole(), id, noon);
        } else {
            at.tokens().change(whole(), id, {.name = std::to_string(below(99))});
        }
    }

    std::mt19937 random_;
    std::array<tenant_node*, 3> nodes_{&first, &second, &third};
    std::array<std::deque<model::shared_record>, 3> inbox_;
};

}  // namespace

TEST_CASE("whatever nodes do, and however late they hear of it, they hold the same in the end",
          "[auth][fleet]") {
    const auto seed = GENERATE(range(1U, 9U));
    CAPTURE(seed);
    loose_fleet fleet{seed};
    for (int step = 0; step < 150; ++step) fleet.step();
    fleet.calm_down();
    const auto seen = fleet.first.look();
    CHECK(seen == fleet.second.look());
    CHECK(seen == fleet.third.look());
    fleet.third.restart();
    CHECK(fleet.third.look() == seen);
}
