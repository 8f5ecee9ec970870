// What a node looks at again and again: what projects may use, and what is to be forgotten.
#include "api/sessions/project_quotas_keeper.hpp"
#include "api/sessions/record_keeper.hpp"
#include "api/store/sqlite_database.hpp"
#include "tests/api/fleet/relay_stub.hpp"
#include "tests/api/store/examples.hpp"

#include <catch2/catch.hpp>

#include <vector>

using namespace turnix;
using namespace std::chrono_literals;

namespace {

struct kept_node {
    void set_quotas(const model::project_quotas& to) {
        auto changed = tenant.project;
        changed.settings.quotas = to;
        directory.change(changed);
    }
    contract::project_limits limits() const { return relay.limits.at(tenant.project.id).first; }

    /// A session that relayed so much, and ended, at that time.
    void relayed(std::uint64_t bytes, wall_time at) {
        auto claims = tests::claims_of_a_call();
        claims.project = tenant.project.id;
        const auto id = session_id::random();
        std::vector<contract::session_event> events;
        events.emplace_back(
            contract::session_started{.id = id,
                                      .claims = std::make_shared<const credential::claims>(claims),
                                      .client = {},
                                      .server = {},
                                      .transport = net::transport::udp,
                                      .relayed = {},
                                      .at = at});
        events.emplace_back(contract::session_ended{.id = id,
                                                    .traffic = {.uplink_packets = 1, .uplink_bytes = bytes},
                                                    .sequence = 1,
                                                    .reason = contract::end_reason::client_released,
                                                    .at = at});
        records.record_session_events(events);
        records.record_issue(claims);
        records.flush();
    }

    std::int64_t count(store::sql_literal sql) {
        std::int64_t found = 0;
        records.run([&](auto& database) {
            auto rows = database.query(sql);
            rows.next();
            found = rows.template get<std::int64_t>(0);
        });
        return found;
    }

    tests::temporary_directory place;
    tests::tenant tenant{"acme", "calls"};
    store::store records{place.path() / "turnix.db"};
    relay_stub relay;
    auth::tenant_directory directory{with_tenant()};

  private:
    store::store& with_tenant() {
        records.add_tenant(tenant.organisation, tenant.project, tenant.token);
        return records;
    }
};

}  // namespace

TEST_CASE("the relay hears of a project's quotas when they change", "[quota]") {
    kept_node node;
    sessions::project_quotas_keeper keeper{
        {.tenants = node.directory, .records = node.records, .relay = node.relay}};
    keeper.look(tests::noon);
    CHECK(node.relay.limits.empty());
    model::project_quotas quotas;
    quotas.allocations = 7;
    quotas.bitrate_bps = 8'000;
    quotas.packets_per_second = 100;
    quotas.sessions_per_second = 3;
    node.set_quotas(quotas);
    keeper.look(tests::noon + 1s);
    CHECK(node.limits() == contract::project_limits{.allocations_max = 7,
                                                    .sessions_per_second_max = 3,
                                                    .bitrate_bps_max = 8'000,
                                                    .packets_per_second_max = 100});
    node.relay.limits.clear();
    keeper.look(tests::noon + 2s);
    CHECK(node.relay.limits.empty());
    node.set_quotas({});
    keeper.look(tests::noon + 3s);
    CHECK(node.limits() == contract::project_limits{});
}

TEST_CASE("a day's bytes begin with what was relayed since midnight", "[quota]") {
    kept_node node;
    model::project_quotas quotas;
    quotas.bytes_per_day = 1'000;
    node.set_quotas(quotas);
    node.relayed(300, tests::noon - 13h);
    node.relayed(200, tests::noon - 1h);
    sessions::project_quotas_keeper keeper{
        {.tenants = node.directory, .records = node.records, .relay = node.relay}};
    keeper.look(tests::noon);
    const auto& [limits, used] = node.relay.limits.at(node.tenant.project.id);
    CHECK(limits.bytes_max == 1'000);
    CHECK(used == 200);
    keeper.look(tests::noon + 13h);
    CHECK(node.relay.limits.at(node.tenant.project.id).second == 0);
}

TEST_CASE("what a project does not want kept any longer goes, samples after a day", "[retention]") {
    kept_node node;
    sessions::override_book overrides{node.records, node.relay};
    sessions::record_keeper keeper{node.directory, node.records, overrides};
    node.relayed(100, tests::noon - 72h);
    node.relayed(100, tests::noon - 1h);
    const auto kept = [&](int sessions, int samples) {
        keeper.tidy(tests::noon);
        node.records.flush();
        CHECK(node.count("select count(*) from sessions") == sessions);
        CHECK(node.count("select count(*) from usage") == sessions);
        CHECK(node.count("select count(*) from session_samples") == samples);
    };
    kept(2, 1);
    auto changed = node.tenant.project;
    changed.settings.retention = std::chrono::days{1};
    node.directory.change(changed);
    kept(1, 1);
}
