#include "api/store/credential_table.hpp"
#include "tests/api/resources/node_under_test.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

using namespace turnix;
using namespace turnix::api;
using http::method;

namespace {

const std::string names = R"("room":"standup","initiator_client":"ann","receiver_client":"bob")";

/// What an answer gave, as the relay knows it once the credential is used; the only one besides `known`.
credential::claims issued_claims(node_under_test& node, const std::vector<credential_id>& known = {}) {
    std::vector<credential::claims> all;
    node.records.run([&](auto& database) {
        all = store::read_credentials(database,
                                      {.project = node.tenants.projects_of(node.first.organisation)[0]->id,
                                       .now = node.now.wall,
                                       .limit = 10});
    });
    std::erase_if(all,
                  [&known](const auto& each) { return std::ranges::find(known, each.id) != known.end(); });
    REQUIRE(all.size() == 1);
    return all.front();
}

std::string issued_id(node_under_test& node, const std::string& fields = names) {
    return std::string{body_of(node.issue("{" + fields + "}")).at("credential_id").as_string()};
}

contract::credential_standing standing_of(const node_under_test& node, const credential::claims& of) {
    REQUIRE(node.relay.overrides != nullptr);
    return node.relay.overrides->standing_of(of);
}

http::response ask(node_under_test& node, http::method how, const std::string& path,
                   const std::string& body = {}) {
    return node.ask(make_request(how, "/api/v1/credentials" + path, body));
}

}  // namespace

TEST_CASE("a credential is revoked by its id, its room, either client or its token", "[api][credentials]") {
    node_under_test node;
    const auto id = issued_id(node);
    const auto claims = issued_claims(node);
    const std::vector<std::string> targets{"/" + id, "?room=standup", "?client=ann", "?client=bob",
                                           "?token=" + claims.token.to_string()};
    const auto which = GENERATE(range(std::size_t{0}, std::size_t{5}));
    const auto drains = GENERATE(false, true);
    INFO(targets.at(which));
    const std::string how = drains ? "sessions=drain" : "sessions=terminate";
    const auto answer = ask(node, method::delete_, targets.at(which) + (which == 0 ? '?' : '&') + how);
    REQUIRE(answer.status == 200);
    CHECK(body_of(answer).at("sessions") == (drains ? "drain" : "terminate"));
    // Without gossip nobody else is told.
    CHECK(body_of(answer).at("regions") ==
          boost::json::parse(R"({"confirmed":["here"],"pending":["there","away"]})"));

    const auto standing = standing_of(node, claims);
    CHECK(standing.is_revoked);
    CHECK(standing.ends_sessions == !drains);
    CHECK(body_of(ask(node, method::get, "/" + id)).at("state") == "revoked");
    CHECK(body_of(ask(node, method::get, "?active=true")).at("items").as_array().empty());
    CHECK(body_of(ask(node, method::get, "?active=false")).at("items").as_array().size() == 1);

    // Another one is not meant, and neither is one that is issued later.
    auto other = claims;
    other.id = credential_id::random();
    other.room = "other";
    other.initiator_client = "carol";
    other.receiver_client = "dave";
    other.token = token_id::random();
    CHECK_FALSE(standing_of(node, other).is_revoked);
    issued_id(node);
    CHECK_FALSE(standing_of(node, issued_claims(node, {claims.id})).is_revoked);
}

TEST_CASE("rules of one second each mean what was issued before them, and no more", "[api][credentials]") {
    node_under_test node;
    std::vector<credential_id> known;
    for (const auto* const target : {"?room=standup", "?client=ann", "?room=standup", "?client=bob"}) {
        issued_id(node);
        const auto claims = issued_claims(node, known);
        known.push_back(claims.id);
        CHECK_FALSE(standing_of(node, claims).is_revoked);
        REQUIRE(ask(node, method::delete_, target).status == 200);
        CHECK(standing_of(node, claims).is_revoked);
    }
}

TEST_CASE("overrides outlive the daemon, and a newer one goes before an older one", "[api][credentials]") {
    node_under_test node;
    const auto id = issued_id(node);
    const auto claims = issued_claims(node);
    REQUIRE(ask(node, method::patch, "/" + id,
                R"({"ttl":600,"limits":{"max_bytes":1000,"max_packets_per_second":50}})")
                .status == 200);
    node.now.wall += std::chrono::seconds{5};
    REQUIRE(ask(node, method::patch, "/" + id, R"({"ttl":900})").status == 200);
    node.records.flush();

    relay_stub after_restart;
    const turnix::sessions::override_book book{node.records, after_restart};
    REQUIRE(after_restart.overrides != nullptr);
    const auto standing = after_restart.overrides->standing_of(claims);
    REQUIRE(standing.extended.has_value());
    CHECK(standing.extended->expires_at ==
          std::chrono::ceil<std::chrono::seconds>(node.now.wall) + std::chrono::seconds{900});
    REQUIRE(standing.limits.has_value());
    CHECK(standing.limits->bytes_max == 1'000);
    CHECK(standing.limits->packets_per_second_max == 50U);
}

TEST_CASE("a credential is extended and capped, and shown as it is then", "[api][credentials]") {
    node_under_test node;
    const auto id = issued_id(
        node,
        names + R"(,"limits":{"max_bitrate_bps":9000,"max_packets_per_second":60},"on_expiry":"disconnect")");
    const auto before = body_of(ask(node, method::get, "/" + id));
    CHECK(before.at("limits").at("max_bitrate_bps") == 9'000);
    CHECK(before.at("limits").at("max_packets_per_second") == 60);
    CHECK(before.at("on_expiry") == "disconnect");
    CHECK(before.at("room") == "standup");

    node.now.wall += std::chrono::seconds{20};
    const auto changed = body_of(ask(node, method::patch, "/" + id,
                                     R"({"ttl":600,"limits":{"max_bytes":5000000,"max_allocations":2}})"));
    CHECK(changed.at("credential_id") == boost::json::value(id));
    const auto after = body_of(ask(node, method::get, "/" + id));
    CHECK(after.at("expires_at") == changed.at("expires_at"));
    CHECK(after.at("limits").at("max_bytes") == 5'000'000);
    CHECK(after.at("limits").at("max_allocations") == 2);
    node.now.wall += std::chrono::minutes{5};
    CHECK(body_of(ask(node, method::get, "/" + id)).at("state") == "active");

    // Null takes a limit away, what is absent stays.
    REQUIRE(ask(node, method::patch, "/" + id, R"({"limits":{"max_packets_per_second":40}})").status == 200);
    CHECK(standing_of(node, issued_claims(node)).limits.value().packets_per_second_max == 40U);
    REQUIRE(ask(node, method::patch, "/" + id, R"({"limits":{"max_bytes":null}})").status == 200);
    const auto last = body_of(ask(node, method::get, "/" + id)).at("limits");
    CHECK(last.at("max_bytes").is_null());
    CHECK(last.at("max_packets_per_second") == 40);
    CHECK(last.at("max_allocations") == 2);
}

TEST_CASE("what cannot be changed of a credential is refused, and nothing changes", "[api][credentials]") {
    node_under_test node;
    const auto id = issued_id(node);
    const auto [pattern, body, code, param] =
        GENERATE(table<std::string, std::string, std::string, std::string>({
            {"/ID", "{}", "field_invalid", "ttl"},
            {"/ID", R"({"ttl":0})", "field_invalid", "ttl"},
            {"/ID", R"({"ttl":172801})", "field_invalid", "ttl"},
            {"/ID", R"({"ttl":"60"})", "field_invalid", "ttl"},
            {"/ID", R"({"room":"x"})", "field_invalid", "ttl"},
            {"/ID", R"({"limits":{"max_bytes":0}})", "field_invalid", "limits.max_bytes"},
            {"/ID", R"({"limits":{"max_packets_per_second":9}})", "field_invalid",
             "limits.max_packets_per_second"},
            {"/ID", R"({"limits":{"bytes":1}})", "field_invalid", "limits.bytes"},
            {"/ice_AAAA", R"({"ttl":60})", "not_found", ""},
            {"/IDA", R"({"ttl":60})", "not_found", ""},
        }));
    auto path = pattern;
    if (const auto at = path.find("ID"); at != std::string::npos) path.replace(at, 2, id);
    INFO(path << ' ' << body);
    const auto answer = ask(node, method::patch, path, body);
    CHECK(error_code_of(answer) == code);
    CHECK(error_param_of(answer) == param);
    CHECK(node.relay.overrides->size() == 0);
}

TEST_CASE("a revocation by name needs exactly one name, and a good one", "[api][credentials]") {
    node_under_test node;
    const auto [query, param] = GENERATE(table<std::string, std::string>({
        {"", "room"},
        {"?room=a&client=b", "client"},
        {"?room=a%20b", "room"},
        {"?token=5f", "token"},
        {"?room=a&sessions=kill", "sessions"},
        {"?room=a&all=1", "all"},
    }));
    INFO(query);
    const auto answer = ask(node, method::delete_, query);
    CHECK(error_code_of(answer) == "field_invalid");
    CHECK(error_param_of(answer) == param);
    CHECK(node.relay.overrides->size() == 0);
}

TEST_CASE("a revoked credential is not extended", "[api][credentials]") {
    node_under_test node;
    const auto id = issued_id(node);
    REQUIRE(ask(node, method::delete_, "/" + id).status == 200);
    CHECK(error_code_of(ask(node, method::patch, "/" + id, R"({"ttl":60})")) == "conflict");
}

TEST_CASE("what is past its time is forgotten, in memory and in the store", "[api][credentials]") {
    node_under_test node;
    const auto id = issued_id(node);
    REQUIRE(ask(node, method::delete_, "/" + id).status == 200);
    node.overrides.expire(node.now.wall + std::chrono::hours{24});
    CHECK(node.relay.overrides->size() == 1);
    node.overrides.expire(node.now.wall + std::chrono::days{30});
    CHECK(node.relay.overrides->size() == 0);
    node.records.flush();
    relay_stub after_restart;
    const turnix::sessions::override_book book{node.records, after_restart};
    CHECK(after_restart.overrides->size() == 0);
}

TEST_CASE("credentials are listed by room, client and state, page by page", "[api][credentials]") {
    node_under_test node;
    for (const auto* const fields : {R"("room":"a","initiator_client":"ann")", R"("room":"a","ttl":3600)",
                                     R"("room":"b","receiver_client":"ann")"}) {
        issued_id(node, fields);
        node.now.wall += std::chrono::seconds{1};
    }
    node.now.wall += std::chrono::minutes{1};
    const auto [query, count] = GENERATE(table<std::string, std::size_t>({
        {"", 3},
        {"?room=a", 2},
        {"?client=ann", 2},
        {"?room=a&client=ann", 1},
        {"?active=true", 1},
        {"?active=false&room=b", 1},
        {"?room=c", 0},
    }));
    INFO(query);
    std::vector<std::string> found;
    std::string cursor;
    do {
        auto path = query + (query.empty() ? '?' : '&') + "limit=1";
        if (!cursor.empty()) path += "&cursor=" + cursor;
        const auto page = body_of(ask(node, method::get, path));
        for (const auto& each : page.at("items").as_array()) {
            found.emplace_back(each.at("credential_id").as_string());
        }
        const auto& next = page.at("next_cursor");
        cursor = next.is_null() ? std::string{} : std::string{next.as_string()};
    } while (!cursor.empty());
    CHECK(found.size() == count);
    CHECK(std::set<std::string>(found.begin(), found.end()).size() == count);
}

TEST_CASE("for both parties: two credentials, of which the first is the initiator's", "[api][credentials]") {
    node_under_test node;
    const auto made = body_of(node.issue("{" + names + R"(,"parties":"both"})"));
    const auto& parties = made.at("parties");
    CHECK(parties.at("initiator").at("credential_id") == made.at("credential_id"));
    CHECK(parties.at("initiator").at("iceServers") == made.at("iceServers"));
    CHECK(parties.at("receiver").at("credential_id") != made.at("credential_id"));
    for (const auto* const party : {"initiator", "receiver"}) {
        const std::string id{parties.at(party).at("credential_id").as_string()};
        CHECK(body_of(ask(node, method::get, "/" + id)).at("party") == party);
    }
}

TEST_CASE("a credential has what it is asked for, or what the project says", "[api][credentials]") {
    node_under_test node;
    const auto answer = node.issue("{" + names + R"(,"allowed_client_ip":"203.0.113.7","peer_scope":"room",
        "transports":["udp","tls"],"limits":{"max_allocations":3,"max_packets_per_second":60}})");
    REQUIRE(answer.status == 200);
    CHECK(body_of(answer).at("iceTransportPolicy") == "relay");
    const auto claims = issued_claims(node);
    CHECK(claims.allowed_client == net::address::parse("203.0.113.7").value());
    CHECK(claims.scope == credential::peer_scope::room);
    CHECK(claims.transports.contains(net::transport::tls));
    CHECK_FALSE(claims.transports.contains(net::transport::tcp));
    CHECK(claims.limits.allocations_max == 3);
    CHECK(claims.limits.packets_per_second_max == 60);
}

TEST_CASE("extras that do not fit are refused by name", "[api][credentials]") {
    node_under_test node;
    const auto [body, param] = GENERATE(table<std::string, std::string>({
        {R"({"limits":{"max_bytes":-1}})", "limits.max_bytes"},
        {R"({"limits":5})", "limits"},
        {R"({"allowed_client_ip":"localhost"})", "allowed_client_ip"},
        {R"({"peer_scope":"all"})", "peer_scope"},
        {R"({"peer_scope":"room"})", "room"},
        {R"({"on_expiry":1})", "on_expiry"},
        {R"({"transports":[]})", "transports"},
        {R"({"transports":["sctp"]})", "transports"},
        {R"({"parties":"one"})", "parties"},
    }));
    INFO(body);
    const auto answer = node.issue(body);
    CHECK(error_code_of(answer) == "field_invalid");
    CHECK(error_param_of(answer) == param);
}

TEST_CASE("what another node has decided holds here, unless something newer does", "[api][credentials]") {
    node_under_test node;
    const auto id = issued_id(node);
    const auto claims = issued_claims(node);
    REQUIRE(ask(node, method::patch, "/" + id, R"({"limits":{"max_bytes":1000}})").status == 200);
    const contract::override_target target{
        .project = claims.project, .scope = contract::override_scope::credential, .id = claims.id.bytes};
    auto told = *node.overrides.current()->find(target, contract::override_kind::cap);
    const auto held = told.version;
    told.limits.bytes_max = 7;
    SECTION("an older one changes nothing") {
        told.version = held - 1;
        node.overrides.take(told);
        CHECK(standing_of(node, claims).limits.value().bytes_max == 1'000);
    }
    SECTION("a newer one holds, and what is decided here next is newer still") {
        told.version = held + (std::uint64_t{1} << 40U);
        node.overrides.take(told);
        CHECK(standing_of(node, claims).limits.value().bytes_max == 7);
        CHECK(node.relay.overrides->size() == 1);
        REQUIRE(ask(node, method::patch, "/" + id, R"({"limits":{"max_bytes":9}})").status == 200);
        CHECK(standing_of(node, claims).limits.value().bytes_max == 9);
        node.records.flush();
        relay_stub after_restart;
        const turnix::sessions::override_book book{node.records, after_restart};
        CHECK(after_restart.overrides->standing_of(claims).limits.value().bytes_max == 9);
    }
}
