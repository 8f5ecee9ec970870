#include "common/config/schema.hpp"

#include "common/config/loader.hpp"
#include "common/config/reference.hpp"
#include "common/config/spelling.hpp"
#include "common/config/surroundings.hpp"
#include "tests/common/config/temporary_directory.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <iterator>
#include <set>
#include <string>

using namespace turnix;
using namespace turnix::config;

namespace {

std::string read_whole(const std::filesystem::path& file) {
    std::ifstream stream{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{stream}, {}};
}

}  // namespace

TEST_CASE("every key's default is a value that the key takes, and stays itself", "[config][schema]") {
    const settings defaults;
    for (const auto& key : schema()) {
        DYNAMIC_SECTION(key.path) {
            const auto shown = key.show(defaults);
            const auto node = parse_document(shown, "default");
            REQUIRE(node.has_value());
            settings stored;
            CHECK_FALSE(key.store(*node, stored).has_value());
            CHECK(key.show(stored) == shown);
        }
    }
}

TEST_CASE("every key has a path of its own, a sentence and a type", "[config][schema]") {
    std::set<std::string_view> paths;
    for (const auto& key : schema()) {
        CAPTURE(key.path);
        CHECK(paths.insert(key.path).second);
        CHECK(key.documentation.ends_with('.'));
        CHECK_FALSE(key.type.empty());
        CHECK(find_key(key.path) == &key);
    }
    CHECK(find_key("relay") == nullptr);
}

TEST_CASE("the commented file loads back to the settings it was written from", "[config][schema]") {
    const tests::temporary_directory directory;
    settings written;
    written.relay.listeners = {{net::transport::udp, net::endpoint::parse("[::1]:3478").value()}};
    written.relay.addresses = {
        {net::address::parse("192.0.2.1").value(), net::address::parse("203.0.113.1").value()}};
    written.node.public_host = "a \"quoted\" host: null";
    written.relay.peers.deny = {net::cidr::parse("2001:db8::/32").value()};
    const auto text = commented_file(written);
    const auto loaded = load(directory.write("turnixd.yaml", text), {});
    for (const auto& found : loaded.faults) UNSCOPED_INFO(found.to_string());
    CHECK(loaded.faults.empty());
    CHECK(loaded.written.size() == 4);
    for (const auto* const path :
         {"relay.listeners", "relay.addresses", "node.public_host", "relay.peers.deny", "relay.workers"}) {
        CHECK(find_key(path)->show(loaded.values) == find_key(path)->show(written));
    }
    for (const auto& key : schema()) {
        const auto name = key.path.substr(key.path.rfind('.') + 1);
        CHECK(text.find(std::string{name} + ":") != std::string::npos);
    }
}

TEST_CASE("docs/configuration.md is what the schema says", "[config][schema]") {
    const auto checked_in = std::filesystem::path{TURNIX_SOURCE_DIRECTORY} / "docs/configuration.md";
    const auto generated = std::filesystem::temp_directory_path() / "turnix-configuration.md";
    const auto page = reference_page();
    if (read_whole(checked_in) != page) {
        std::ofstream{generated, std::ios::binary} << page;
        FAIL("the page is out of date: cp " << generated.string() << " " << checked_in.string());
    }
}

TEST_CASE("a misspelt name finds the one that was meant", "[config]") {
    const std::vector<std::string_view> known{"relay.realm", "relay.workers", "log.level"};
    const auto [text, meant] = GENERATE(table<const char*, const char*>({
        {"relay.relm", "relay.realm"},
        {"relay.worker", "relay.workers"},
        {"log_level", "log.level"},
        {"entirely.else", ""},
    }));
    CHECK(nearest(text, known) == meant);
    CHECK(edit_distance("kitten", "sitting") == 3);
    CHECK(edit_distance("", "abc") == 3);
}

TEST_CASE("every key has an environment variable that leads back to it", "[config][schema]") {
    CHECK(variable_of("relay.ports.first") == "TURNIXD__RELAY__PORTS__FIRST");
    for (const auto& key : schema()) {
        CAPTURE(key.path);
        CHECK(key_of(variable_of(key.path)) == key.path);
    }
}

TEST_CASE("what is in force is printed as a file that loads to the same, with its origins",
          "[config][schema]") {
    const tests::temporary_directory directory;
    const auto file = directory.write(
        "t.yaml", "relay: {listeners: [{transport: udp, address: \"127.0.0.1:0\"}]}\nlog: {level: warn}\n");
    const auto loaded = load(file, {"relay.workers=3"},
                             {.variables = {"TURNIXD__RELAY__REALM=\"a # b\""}, .credentials = {}});
    REQUIRE(loaded.faults.empty());
    const auto page = effective_file(loaded);
    CHECK(page.find("  workers: 3  # --set\n") != std::string::npos);
    CHECK(page.find("  realm: \"a # b\"  # TURNIXD__RELAY__REALM\n") != std::string::npos);
    CHECK(page.find("  level: warn  # " + file.string() + ":2\n") != std::string::npos);
    CHECK(page.find("  format: text  # default\n") != std::string::npos);
    const auto again = load(directory.write("again.yaml", page), {}, {});
    for (const auto& found : again.faults) UNSCOPED_INFO(found.to_string());
    REQUIRE(again.faults.empty());
    for (const auto& key : schema()) CHECK(key.show(again.values) == key.show(loaded.values));
}
