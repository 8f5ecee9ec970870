#include "common/credential/timed_username.hpp"
#include "tests/relay/turn/test_client.hpp"

#include <catch2/catch.hpp>

using namespace turnix;
using namespace turnix::turn_test;

namespace {

const auto project = project_id::parse("00112233445566778899aabbccddeeff").value();

turn::interop_credentials two_secrets() {
    turn::interop_credentials let_in;
    let_in.shared_secrets = {"north", "south"};
    let_in.project = project;
    return let_in;
}

turn::interop_credentials two_users() {
    turn::interop_credentials let_in;
    let_in.users = {{.name = "alice", .password = "wonder land"},
                    {.name = "j\u00fcrgen", .password = "\u00c5"}};
    let_in.project = project;
    return let_in;
}

const world::adjustment as_it_is = [](contract::relay_settings&) {};

test_client client_of(world& node, std::string_view username, std::string_view password) {
    test_client client{node, "198.51.100.7:40000"};
    client.credential.username = username;
    client.credential.password = password;
    return client;
}

/// Under a username that expires `ttl` from now.
test_client timed_client(world& node, std::chrono::seconds ttl, std::string_view secret) {
    const auto expiry = std::chrono::floor<std::chrono::seconds>(node.now.wall + ttl).time_since_epoch();
    const auto username = std::to_string(expiry.count()) + ":alice";
    return client_of(node, username, credential::timed_password(username, secret));
}

credential::claims claims_of_only_session(const world& node) {
    const auto started = node.observer.all<contract::session_started>();
    REQUIRE(started.size() == 1);
    return *started.front().claims;
}

}  // namespace

TEST_CASE("each of two shared secrets lets in, with MD5 and with SHA-256", "[interop]") {
    const auto* const secret = GENERATE("north", "south");
    const auto algorithm = GENERATE(as<std::optional<stun::password_algorithm>>{}, std::nullopt,
                                    stun::password_algorithm::md5, stun::password_algorithm::sha256);
    world node{as_it_is, two_secrets()};
    auto client = timed_client(node, 1h, secret);
    client.algorithm = algorithm;
    client.allocate();
    CHECK(client.permit("9.9.9.9:7").code() == success);
}

TEST_CASE("sessions of shared secrets count for the project and carry the user", "[interop]") {
    const auto [user, name] = GENERATE(table<std::string, std::string>({
        {":alice", "alice"},
        {"", ""},
        {":", ""},
        {":alice@example.com", "alice_example_com"},
        {":" + std::string(200, 'a'), std::string(100, 'a')},
    }));
    world node{as_it_is, two_secrets()};
    const auto username = "1800003600" + user;
    auto client = client_of(node, username, credential::timed_password(username, "north"));
    client.allocate();
    const auto claims = claims_of_only_session(node);
    CHECK(claims.project == project);
    CHECK(claims.initiator_client == name);
    CHECK(claims.expires_at.time_since_epoch() == 1'800'003'600s);
}

TEST_CASE("a wrong and a retired shared secret is 401", "[interop]") {
    auto let_in = two_secrets();
    let_in.shared_secrets = {"south"};
    world node{as_it_is, let_in};
    const auto* const secret = GENERATE("north", "", "South");
    auto client = timed_client(node, 1h, secret);
    CHECK(client.ask(method::allocate, {udp()}).code() == 401);
    CHECK(node.server.allocations() == 0);
}

TEST_CASE("an expired username gets no allocation, and keeps the one it has", "[interop]") {
    world node{as_it_is, two_secrets()};
    const auto [ttl, code] = GENERATE(table<std::chrono::seconds, int>(
        {{60s, success}, {-30s, success}, {-31s, 401}, {-1'800'000'000s, 401}}));
    auto client = timed_client(node, ttl, "north");
    CHECK(client.ask(method::allocate, {udp()}).code() == code);
    if (code != success) return;
    for (int minute = 0; minute < 15; ++minute) {
        node.pass(60s);
        REQUIRE(client.ask(method::refresh, {}).lifetime() == 600s);
    }
}

TEST_CASE("without shared secrets a timed username is unknown", "[interop]") {
    world node;
    auto client = timed_client(node, 1h, "");
    CHECK(client.ask(method::allocate, {udp()}).code() == 401);
}

TEST_CASE("sealed credentials are served beside shared secrets and users", "[interop]") {
    world node{as_it_is, GENERATE(two_secrets(), two_users())};
    test_client client{node, "198.51.100.7:40000"};
    client.allocate();
}

TEST_CASE("one timed username has one quota", "[interop]") {
    world node{[](auto& settings) { settings.limits.allocations_per_credential_max = 1; }, two_secrets()};
    auto first = timed_client(node, 1h, "north");
    auto second = timed_client(node, 1h, "north");
    auto another = timed_client(node, 2h, "north");
    second.path.client.port = 40001;
    another.path.client.port = 40002;
    first.allocate();
    CHECK(second.ask(method::allocate, {udp()}).code() == 486);
    another.allocate();
}

TEST_CASE("a static user is let in by name and password, for as long as it likes", "[interop]") {
    world node{as_it_is, two_users()};
    node.jump(24h * 365);
    auto client = client_of(node, "alice", "wonder land");
    client.algorithm = GENERATE(as<std::optional<stun::password_algorithm>>{}, std::nullopt,
                                stun::password_algorithm::sha256);
    client.allocate();
    CHECK(client.ask(method::refresh, {}).lifetime() == 600s);
    const auto claims = claims_of_only_session(node);
    CHECK(claims.project == project);
    CHECK(claims.initiator_client == "alice");
}

TEST_CASE("RFC 8265 4.2: a name finds its user in every form that OpaqueString makes one of", "[interop]") {
    world node{as_it_is, two_users()};
    SECTION("composed") { client_of(node, "j\u00fcrgen", "\u00c5").allocate(); }
    SECTION("not composed; the key is made of the prepared name") {
        auto client = client_of(node, "j\u00fcrgen", "\u00c5");
        const auto signature = integrity(client.key());
        CHECK(client.ask(method::allocate, {udp()}, {.username = "ju\u0308rgen", .signature = signature})
                  .code() == success);
    }
}

TEST_CASE("RFC 8489 14.4: a static user is found by the hash of its prepared name and the realm",
          "[interop]") {
    world node{as_it_is, two_users()};
    const auto [name, realm, code] = GENERATE(table<std::string, std::string, int>({
        {"j\u00fcrgen", "realm123", success},
        {"ju\u0308rgen", "realm123", 401},
        {"j\u00fcrgen", "realm124", 401},
        {"alice", "realm123", 401},
    }));
    auto client = client_of(node, "j\u00fcrgen", "\u00c5");
    const auto hashed = [&](std::size_t bytes) {
        const auto hash = stun::user_hash(name, realm);
        return std::function<void(stun::message_writer&)>{
            [=](auto& out) { out.add(attribute_type::userhash, std::span{hash}.first(bytes)); }};
    };
    const deviation nameless{.without = {attribute_type::username}};
    CHECK(client.ask(method::allocate, {udp(), hashed(31)}, nameless).code() == 401);
    CHECK(client.ask(method::allocate, {udp(), hashed(32)}, nameless).code() == code);
    if (code != success) return;
    CHECK(client.ask(method::refresh, {hashed(32)}, nameless).lifetime() == 600s);
    CHECK(client.ask(method::refresh, {}).lifetime() == 600s);
}

TEST_CASE("a wrong name or password of a static user is 401", "[interop]") {
    world node{as_it_is, two_users()};
    const auto [name, password] = GENERATE(table<std::string, std::string>({
        {"alice", "wonderland"},
        {"alice", "\u00c5"},
        {"Alice", "wonder land"},
        {"bob", "wonder land"},
        {"", ""},
        {"\xff", "wonder land"},
    }));
    CHECK(client_of(node, name, password).ask(method::allocate, {udp()}).code() == 401);
}
