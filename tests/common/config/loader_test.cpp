#include "common/config/loader.hpp"

#include "tests/common/config/certificate_fixtures.hpp"
#include "tests/common/config/temporary_directory.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace turnix;
using namespace turnix::config;

namespace {

constexpr std::string_view least = "relay: {listeners: [{transport: udp, address: \"127.0.0.1:0\"}]}\n";

/// A configuration, and what one of the lines about it must contain.
struct fault_case {
    std::string text;
    std::string fault;
};

/// Faults of one value.
const std::vector<fault_case> value_faults{
    {"relay:\n  workers: many\n",
     "t.yaml:2: relay.workers: \"many\" is not a whole number; give a whole number from 0 to 256"},
    {"relay:\n\n  workers: 300\n",
     "t.yaml:3: relay.workers: \"300\" is out of range; give a whole number from 0 to 256"},
    {"relay: {workers: 99999999999999999999}\n",
     "t.yaml:1: relay.workers: \"99999999999999999999\" is out of range; give a whole number from 0 to "
     "256"},
    {"relay: {workers: -1}\n",
     "t.yaml:1: relay.workers: \"-1\" is not a whole number; give a whole number from 0 to 256"},
    {"relay: {workers: }\n",
     "t.yaml:1: relay.workers: \"null\" is not a whole number; give a whole number from 0 to 256"},
    {"log:\n  level: loud\n",
     "t.yaml:2: log.level: \"loud\" is none of the choices; give trace or debug or info or warn or "
     "error"},
    {"api:\n  allow_plain_http: yes\n",
     "t.yaml:2: api.allow_plain_http: \"yes\" is neither true nor false; give true or false"},
    {"relay:\n  relm: x\n", "t.yaml:2: relay.relm: is not a known key; did you mean relay.realm?"},
    {"rellay:\n  x: y\n",
     "t.yaml:2: rellay: is not a known key; remove it, or see docs/configuration.md for the keys"},
    {"relay: 5\n", "t.yaml:1: relay: \"5\" is not a mapping; write KEY: VALUE lines"},
    {"relay:\n  peers:\n    deny:\n      - 10.0.0.0/8\n      - 10.0.0.1/8\n",
     "t.yaml:5: relay.peers.deny: \"10.0.0.1/8\" the address has bits set beyond the prefix"},
    {"relay: {realm: \"\"}\n", "t.yaml:1: relay.realm: is too short; give text of 1 to 63 bytes"},
    {"relay: {realm: \"a\\nb\"}\n", "has control characters; give text of 1 to 63 bytes"},
    {"relay: {listeners: [{transport: sctp, address: \"127.0.0.1:1\"}]}\n",
     "t.yaml:1: relay.listeners: \"sctp\" is none of the choices"},
    {"relay: {listeners: [{transport: udp, address: 127.0.0.1}]}\n",
     "t.yaml:1: relay.listeners: \"127.0.0.1\" "},
    {"relay: {listeners: [{transport: udp, adress: \"127.0.0.1:1\"}]}\n", "has no address"},
    {"relay: {listeners: [{transport: udp, address: \"127.0.0.1:1\", port: 1}]}\n",
     "has an unknown member port"},
    {"relay: {listeners: udp}\n", "\"udp\" is not a list"},
    {"relay: {interop: {project: main}}\n",
     "t.yaml:1: relay.interop.project: \"main\" is no project's id; give a project's id, 32 hexadecimal "
     "digits, or null"},
    {"relay: {addresses: []}\n", "\"[]\" is an empty list; give auto, or a list"},
    {"node: {regions_file: }\n", "t.yaml:1: node.regions_file: \"null\" is not a path; give a path"},
};

/// Faults of values against each other.
const std::vector<fault_case> consistency_faults{
    {"relay:\n  listeners: [{transport: tls, address: \"127.0.0.1:5349\"}]\n",
     "t.yaml:2: relay.listeners: \"[{transport: tls, address: \"127.0.0.1:5349\"}]\" has a TLS listener, "
     "which "
     "needs a certificate; give relay.tls.certificate and relay.tls.private_key, or remove the listener"},
    {"relay:\n  listeners: [{transport: dtls, address: \"127.0.0.1:5349\"}]\n",
     "has a DTLS listener, which needs a certificate; give relay.tls.certificate"},
    {"relay:\n  listeners: [{transport: dtls, address: \"127.0.0.1:5349\"}]\n",
     "has a DTLS listener, and DTLS is not enabled; set relay.dtls.enabled: true, or remove the listener"},
    {"relay:\n  listeners: [{transport: udp, address: \"127.0.0.1:1\"}, {transport: udp, address: "
     "\"127.0.0.1:1\"}]\n",
     "has two listeners on udp 127.0.0.1:1; give each its own port"},
    {"relay:\n  listeners: [{transport: tcp, address: \"127.0.0.1:1\"}, {transport: tls, address: "
     "\"127.0.0.1:1\"}, {transport: tcp, address: \"127.0.0.1:1\"}]\n",
     "has two listeners on tcp 127.0.0.1:1; give each its own port"},
    {"relay:\n  listeners: [{transport: tcp, address: \"127.0.0.1:8080\"}]\n",
     "has tcp 127.0.0.1:8080, which is api.address"},
    {"relay:\n  addresses: [{local: 192.0.2.1, external: \"2001:db8::1\"}]\n",
     "tells clients of 192.0.2.1 the IPv6 address 2001:db8::1; give an external address that is IPv4"},
    {"relay:\n  addresses: [{local: 0.0.0.0}]\n", "has 0.0.0.0, which is no address of its own"},
    {"relay:\n  addresses: [{local: 192.0.2.1}, {local: 192.0.2.1, external: 203.0.113.9}]\n",
     "t.yaml:2: relay.addresses: \"[{local: 192.0.2.1}, {local: 192.0.2.1, external: 203.0.113.9}]\" has "
     "192.0.2.1 twice; name each address of this machine once"},
    {"relay:\n  nat_discovery: {primary: \"192.0.2.1:3478\"}\n",
     "t.yaml:2: relay.nat_discovery.primary: \"192.0.2.1:3478\" is alone; give relay.nat_discovery.alternate "
     "too"},
    {"relay:\n  nat_discovery: {alternate: \"192.0.2.1:3478\"}\n",
     "\"192.0.2.1:3478\" is alone; give relay.nat_discovery.primary too"},
    {"relay:\n  nat_discovery: {primary: \"192.0.2.1:3478\", alternate: \"192.0.2.1:3479\"}\n",
     "t.yaml:2: relay.nat_discovery.alternate: \"192.0.2.1:3479\" does not go with 192.0.2.1:3478; give "
     "another address of the same family, and another port"},
    {"relay:\n  nat_discovery: {primary: \"192.0.2.1:3478\", alternate: \"192.0.2.2:3478\"}\n",
     "\"192.0.2.2:3478\" does not go with 192.0.2.1:3478"},
    {"relay:\n  nat_discovery: {primary: \"192.0.2.1:3478\", alternate: \"[2001:db8::1]:3479\"}\n",
     "does not go with 192.0.2.1:3478"},
    {"relay:\n  nat_discovery: {primary: \"0.0.0.0:3478\", alternate: \"192.0.2.2:3479\"}\n",
     "relay.nat_discovery.primary: \"0.0.0.0:3478\" is not one address with one port; name an address"},
    {"relay:\n  nat_discovery: {primary: \"192.0.2.1:3478\", alternate: \"192.0.2.2:0\"}\n",
     "relay.nat_discovery.alternate: \"192.0.2.2:0\" is not one address with one port"},
    {"relay:\n  ports:\n    first: 50000\n    last: 49999\n",
     "t.yaml:3: relay.ports.first: \"50000\" makes relay.ports.first greater than relay.ports.last"},
    {"relay:\n  ports:\n    last: 40000\n",
     "t.yaml:3: relay.ports.last: \"40000\" makes relay.ports.first greater than relay.ports.last"},
    {"relay:\n  lifetime: {default_s: 7200}\n", "makes relay.lifetime.default_s greater"},
    {"api:\n  credentials: {ttl_max_s: 20}\n", "makes api.credentials.ttl_default_s greater"},
    {"relay:\n  peers: {nat64_prefix: 64:ff9b::/64}\n", "is not an IPv6 /96"},
    {"api:\n  address: \"192.0.2.1:80\"\n",
     "t.yaml:2: api.address: \"192.0.2.1:80\" is not a loopback address, and plain HTTP there shows "
     "every "
     "token; give api.tls.certificate and api.tls.private_key, or set api.allow_plain_http: true"},
    {"store: {upstream: \"mysql://db/turnixd\"}\n",
     "t.yaml:1: store.upstream: \"mysql://db/turnixd\" is no address of a PostgreSQL database; give "
     "postgresql://HOST/NAME"},
    {"store: {upstream: \"postgresql://me:secret@db/turnixd\"}\n",
     "t.yaml:1: store.upstream: \"(hidden)\" has a password in it"},
    {"store: {upstream: \"postgresql://db/turnixd?sslmode=require&password=secret\"}\n",
     "store.upstream: \"(hidden)\" has a password in it"},
    {"store: {upstream: \"postgresql://me@db:5432/turnixd\", upstream_file: address}\n",
     "is given, and store.upstream_file too; give one of them"},
    {"relay:\n  tls: {private_key: k.pem}\n", "has no certificate; give relay.tls.certificate"},
    {"api:\n  tls: {certificate: c.pem}\n", "has no private key; give api.tls.private_key"},
};

/// The faults as people see them, with the directory's name taken out.
std::vector<std::string> faults_of(const tests::temporary_directory& directory, std::string_view text,
                                   const std::vector<std::string>& overrides = {}) {
    const auto loaded = load(directory.write("t.yaml", text), overrides);
    std::vector<std::string> lines;
    const auto prefix = directory.path().string() + "/";
    for (const auto& found : loaded.faults) {
        auto line = found.to_string();
        for (auto at = line.find(prefix); at != std::string::npos; at = line.find(prefix)) {
            line.erase(at, prefix.size());
        }
        lines.push_back(std::move(line));
    }
    return lines;
}

}  // namespace

TEST_CASE("what is written reaches the settings, the rest keeps its default", "[config]") {
    const tests::temporary_directory directory;
    const auto loaded = load(directory.write("t.yaml", R"(
data: {directory: state}
node: {region: eu-central, public_host: turn.example.net, geoip_file: /srv/geo.mmdb}
relay:
  realm: example.net
  listeners:
    - {transport: udp, address: "127.0.0.1:3478"}
    - transport: tcp
      address: "[::1]:0"
  addresses: [{local: 192.0.2.1, external: 203.0.113.9}, {local: "2001:db8::1"}]
  ports: {first: 50000, last: 50999}
  lifetime:
    max_s: 1800
  peers:
    unsafe_allow: [127.0.0.0/8, "::1/128"]
    nat64_prefix: 64:ff9b::/96
  limits: {stream_queue_age_max_ms: 250}
  interop: {users_file: users, project: 00112233445566778899aabbccddeeff}
  nat_discovery: {primary: "192.0.2.1:3478", alternate: "192.0.2.2:3479"}
api: {address: "0.0.0.0:8080", allow_plain_http: true}
log: {level: debug, format: json}
)"),
                             {});
    REQUIRE(loaded.faults.empty());
    const auto& values = loaded.values;
    CHECK(values.data_directory == directory.path() / "state");
    CHECK(values.key_ring_file == directory.path() / "keys.json");
    CHECK(values.node.region == "eu-central");
    CHECK(values.node.geoip_file == "/srv/geo.mmdb");
    CHECK(values.relay.realm == "example.net");
    REQUIRE(values.relay.listeners.size() == 2);
    CHECK(values.relay.listeners[1].transport == net::transport::tcp);
    CHECK(values.relay.listeners[1].address.to_string() == "[::1]:0");
    REQUIRE(values.relay.addresses.size() == 2);
    CHECK(values.relay.addresses[0].advertised().to_string() == "203.0.113.9");
    CHECK(values.relay.addresses[1].advertised().to_string() == "2001:db8::1");
    CHECK(values.relay.ports.last == 50999);
    CHECK(values.relay.lifetime_max == std::chrono::seconds{1800});
    CHECK(values.relay.lifetime_default == std::chrono::seconds{600});
    CHECK(values.relay.peers.unsafe_allow.size() == 2);
    CHECK(values.relay.limits.stream_queue_age_max == std::chrono::milliseconds{250});
    CHECK(values.relay.interop.users_file == directory.path() / "users");
    CHECK_FALSE(values.relay.interop.shared_secrets_file.has_value());
    CHECK(values.relay.interop.project == project_id::parse("00112233445566778899aabbccddeeff"));
    CHECK(values.relay.nat_discovery.value().primary.to_string() == "192.0.2.1:3478");
    CHECK(values.relay.nat_discovery.value().alternate.to_string() == "192.0.2.2:3479");
    CHECK(values.api.allow_plain_http);
    CHECK(values.log.level == telemetry::log_level::debug);
    CHECK(values.log.format == telemetry::log_format::json);
}

TEST_CASE("each fault names file, line, key, value and remedy", "[config]") {
    const tests::temporary_directory directory;
    const auto [text, fault] = GENERATE(from_range(value_faults));
    const auto faults = faults_of(directory, text);
    CAPTURE(text, fault, faults);
    CHECK(std::ranges::any_of(faults,
                              [&fault](const auto& line) { return line.find(fault) != std::string::npos; }));
}

TEST_CASE("a text that is no single plain YAML document is refused with its line", "[config]") {
    const tests::temporary_directory directory;
    const auto [text, fault] = GENERATE(table<std::string, std::string>({
        {"relay:\n  realm: [\n", "this is not YAML"},
        {"relay:\n\trealm: x\n", "t.yaml:2: this is not YAML"},
        {"log: {level: info}\nlog: {level: info}\n", "t.yaml:2: the key \"log\" stands twice"},
        {"log: &a {level: info}\n", "t.yaml:1: anchors and aliases are not accepted"},
        {"log: {level: info}\n---\nlog: {}\n", "a second document begins"},
        {"[a]: b\n", "t.yaml:1: a key is a list or a mapping"},
        {std::string(17, '[') + std::string(17, ']'), "t.yaml:1: nested too deeply"},
    }));
    const auto faults = faults_of(directory, text);
    CAPTURE(text, faults);
    REQUIRE_FALSE(faults.empty());
    CHECK(faults.front().find(fault) != std::string::npos);
}

TEST_CASE("all faults are told at once, in the order of the file", "[config]") {
    const tests::temporary_directory directory;
    const auto faults = faults_of(directory,
                                  "log:\n  level: loud\nrelay:\n  workers: many\n  nonsense: 1\n"
                                  "api:\n  address: \"0.0.0.0:80\"\n");
    REQUIRE(faults.size() == 5);
    CHECK(faults[0].starts_with("t.yaml:2: log.level"));
    CHECK(faults[1].starts_with("t.yaml:4: relay.workers"));
    CHECK(faults[2].starts_with("t.yaml:5: relay.nonsense"));
    CHECK(faults[3].starts_with("t.yaml: relay.listeners: names no listener"));
    CHECK(faults[4].starts_with("t.yaml:7: api.address"));
}

TEST_CASE("values are held against each other", "[config]") {
    const tests::temporary_directory directory;
    const auto [text, fault] = GENERATE(from_range(consistency_faults));
    const auto faults = faults_of(directory, text);
    CAPTURE(text, fault, faults);
    CHECK(std::ranges::any_of(faults,
                              [&fault](const auto& line) { return line.find(fault) != std::string::npos; }));
}

TEST_CASE("a certificate that cannot serve is refused before a listener opens", "[config][tls]") {
    const tests::temporary_directory directory;
    directory.write("cert.pem", fixtures::certificate);
    directory.write("key.pem", fixtures::private_key);
    directory.write("other.pem", fixtures::another_private_key);
    directory.write("ed.pem", fixtures::private_key_of_another_type);
    directory.write("locked.pem", fixtures::private_key_under_passphrase);
    const auto [certificate, key, fault] = GENERATE(table<std::string, std::string, std::string>({
        {"cert.pem", "key.pem", ""},
        {"none.pem", "key.pem",
         "t.yaml:2: relay.tls.certificate: \"none.pem\" cannot be read: No such file or directory"},
        {"cert.pem", "none.pem", "t.yaml:3: relay.tls.private_key: \"none.pem\" cannot be read"},
        {".", "key.pem", "relay.tls.certificate: \".\" cannot be read"},
        {"key.pem", "key.pem", "relay.tls.certificate: \"key.pem\" is not a certificate chain in PEM"},
        {"cert.pem", "cert.pem", "relay.tls.private_key: \"cert.pem\" is not a private key in PEM"},
        {"cert.pem", "locked.pem", "is not a private key in PEM without a passphrase"},
        {"cert.pem", "other.pem", "relay.tls.private_key: \"other.pem\" is not the key of the certificate"},
        {"cert.pem", "ed.pem", "relay.tls.private_key: \"ed.pem\" is not the key of the certificate"},
    }));
    const auto faults = faults_of(directory,
                                  "relay: {listeners: [{transport: tls, address: \"127.0.0.1:0\"}], tls: {\n"
                                  "  certificate: " +
                                      certificate + ",\n  private_key: " + key + "}}\n");
    CAPTURE(certificate, key, faults);
    if (fault.empty()) {
        CHECK(faults.empty());
    } else {
        REQUIRE(faults.size() == 1);
        CHECK(faults.front().find(fault) != std::string::npos);
    }
}

TEST_CASE("an override by --set goes through the schema and over the file", "[config]") {
    const tests::temporary_directory directory;
    const auto file = directory.write("t.yaml", "relay: {workers: many, realm: a}\n");
    const auto loaded = load(
        file, {"relay.workers=2", "relay.listeners=[{\"transport\":\"tcp\",\"address\":\"127.0.0.1:0\"}]",
               "relay.addresses=auto", "api.address=127.0.0.1:0", "relay.peers.unsafe_allow=[127.0.0.0/8]"});
    REQUIRE(loaded.faults.empty());
    CHECK(loaded.values.relay.workers == 2);
    CHECK(loaded.values.relay.realm == "a");
    CHECK(loaded.values.relay.listeners.front().transport == net::transport::tcp);
    CHECK(loaded.values.api.address.port == 0);
    CHECK(loaded.values.relay.peers.unsafe_allow.size() == 1);
}

TEST_CASE("an override by null leaves out one half of a pair, or both", "[config]") {
    const tests::temporary_directory directory;
    const auto file = directory.write(
        "t.yaml", std::string{least} + "api: {tls: {certificate: /c.pem, private_key: /k.pem}}\n");
    const auto neither = load(file, {"api.tls.certificate=null", "api.tls.private_key=null"});
    for (const auto& found : neither.faults) UNSCOPED_INFO(found.to_string());
    CHECK(neither.faults.empty());
    CHECK_FALSE(neither.values.api.tls.has_value());

    const auto one = load(file, {"api.tls.certificate=null"});
    REQUIRE(one.faults.size() == 1);
    CHECK(one.faults.front().to_string().find("has no certificate; give api.tls.certificate") !=
          std::string::npos);
}

TEST_CASE("a fault of --set says so", "[config]") {
    const tests::temporary_directory directory;
    const auto [assignment, fault] = GENERATE(table<std::string, std::string>({
        {"relay.workers=many",
         "--set: relay.workers: \"many\" is not a whole number; give a whole number from 0 to 256"},
        {"relay.wokers=2", "--set: relay.wokers: is not a known key; did you mean relay.workers?"},
        {"relay=5", "--set: relay: is not a known key; "},
        {"relay.workers", "--set: \"relay.workers\" is no assignment; give KEY=VALUE"},
        {"relay.listeners=[}", "--set: relay.listeners: \"[}\" this is not YAML"},
    }));
    const auto faults = faults_of(directory, least, {assignment});
    CAPTURE(faults);
    REQUIRE(faults.size() == 1);
    CHECK(faults.front().find(fault) != std::string::npos);
}

TEST_CASE("a file that is missing or a directory is a fault, not an exception", "[config]") {
    const tests::temporary_directory directory;
    const auto name = GENERATE("missing.yaml", ".");
    const auto loaded = load(directory.path() / name, {});
    REQUIRE_FALSE(loaded.faults.empty());
    CHECK(loaded.faults.front().to_string().find("cannot be read") != std::string::npos);
}

TEST_CASE("a variable of the environment overrides the file, and --set the variable", "[config]") {
    const tests::temporary_directory directory;
    const auto file = directory.write("t.yaml", std::string{least} + "log: {level: debug}\n");
    const surroundings around{.variables = {"TURNIXD__LOG__LEVEL=warn", "TURNIXD__RELAY__PORTS__FIRST=50000",
                                            "TURNIXD__API__CORS_ORIGINS=[\"https://a.example\"]"},
                              .credentials = {}};
    const auto loaded = load(file, {"relay.ports.first=50001"}, around);
    for (const auto& found : loaded.faults) UNSCOPED_INFO(found.to_string());
    CHECK(loaded.faults.empty());
    CHECK(loaded.values.log.level == telemetry::log_level::warn);
    CHECK(loaded.values.relay.ports.first == 50'001);
    CHECK(loaded.values.api.cors_origins == std::vector<std::string>{"https://a.example"});
    CHECK(loaded.written.find("log.level")->second.at.source == "TURNIXD__LOG__LEVEL");
    CHECK(loaded.written.find("log.level")->second.at.line == 0);
}

TEST_CASE("a variable that is wrong is named, with the key that was meant", "[config]") {
    const tests::temporary_directory directory;
    const auto [variable, said] = GENERATE(table<const char*, const char*>({
        {"TURNIXD__RELAY__WORKERS=many",
         "TURNIXD__RELAY__WORKERS: relay.workers: \"many\" is not a whole number"},
        {"TURNIXD__RELAY__WORKRES=2",
         "TURNIXD__RELAY__WORKRES: relay.workres: is not a known key; did you mean relay.workers?"},
        {"TURNIXD__RELAY=[}", "TURNIXD__RELAY: relay: \"[}\" this is not YAML"},
    }));
    const auto loaded =
        load(directory.write("t.yaml", least), {}, {.variables = {variable}, .credentials = {}});
    REQUIRE(loaded.faults.size() == 1);
    CHECK_THAT(loaded.faults.front().to_string(), Catch::Matchers::StartsWith(said));
}

TEST_CASE("credential: names a file of the service manager's, when there is one", "[config]") {
    const tests::temporary_directory directory;
    const auto file = directory.write("t.yaml", least);
    const std::vector<std::string> overrides{"data.key_ring_file=credential:keys.json"};
    const auto handed_over = load(file, overrides, {.variables = {}, .credentials = "/run/credentials/x"});
    CHECK(handed_over.faults.empty());
    CHECK(handed_over.values.key_ring_file == "/run/credentials/x/keys.json");
    const auto without = load(file, overrides, {});
    REQUIRE(without.faults.size() == 1);
    CHECK(without.faults.front().to_string().find("$CREDENTIALS_DIRECTORY") != std::string::npos);
}
