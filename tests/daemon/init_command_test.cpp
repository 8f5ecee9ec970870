#include "daemon/init_command.hpp"

#include "api/store/store.hpp"
#include "common/credential/private_file.hpp"
#include "daemon/checked_settings.hpp"
#include "tests/common/config/temporary_directory.hpp"
#include "tests/daemon/captured_run.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <string>

using namespace turnix;
using namespace turnix::daemon;
namespace fs = std::filesystem;
using Catch::Matchers::Contains;

namespace {

/// What init prints.
std::string init(const fs::path& data, const char* option = "--region=local") {
    const auto [code, output, errors] = tests::run({"init", "--data", data.c_str(), option});
    CHECK(code == exit_code::success);
    CHECK(errors.empty());
    return output;
}

}  // namespace

TEST_CASE("init makes a data directory whose configuration has no faults", "[daemon][init]") {
    const tests::temporary_directory temporary;
    const auto data = temporary.path() / "new" / "data";
    const auto printed = init(data);
    CHECK_THAT(printed, Contains((data / "turnixd.yaml").string()) && Contains("tnx_"));
    const auto loaded = load_checked({.file = data / "turnixd.yaml", .overrides = {}});
    for (const auto& found : loaded.faults) UNSCOPED_INFO(found.to_string());
    CHECK(loaded.faults.empty());
    CHECK(loaded.values.data_directory == data);
    CHECK(loaded.values.node.region == "local");
    CHECK(loaded.values.node.public_host == "127.0.0.1");
    CHECK(loaded.values.relay.listeners.size() >= 3);
    CHECK(loaded.values.api.address.to_string() == "127.0.0.1:8080");
}

TEST_CASE("init --json prints where the configuration is, and the token", "[daemon][init]") {
    const tests::temporary_directory temporary;
    const auto printed = init(temporary.path() / "data", "--json");
    CHECK_THAT(printed, Catch::Matchers::StartsWith("{\"config\":\"" +
                                                    (temporary.path() / "data/turnixd.yaml").string() +
                                                    "\",\"token\":\"tnx_"));
    CHECK(std::ranges::count(printed, '\n') == 1);
}

TEST_CASE("init --join takes the fleet's key ring and makes no organisation", "[daemon][init]") {
    const tests::temporary_directory temporary;
    init(temporary.path() / "first");
    const auto keys = "--join=" + (temporary.path() / "first/keys.json").string();
    const auto printed = init(temporary.path() / "second", keys.c_str());
    CHECK_THAT(printed, !Contains("tnx_"));
    const auto read = [&](const char* file) {
        return credential::read_private_file(temporary.path() / file);
    };
    CHECK(read("first/keys.json") == read("second/keys.json"));
    CHECK(read("first/node.key") != read("second/node.key"));
    store::store records{temporary.path() / "second/turnixd.db"};
    CHECK(records.organisations().empty());
}

TEST_CASE("what init writes is the owner's alone", "[daemon][init]") {
    const tests::temporary_directory temporary;
    const auto data = temporary.path() / "data";
    init(data);
    CHECK(fs::status(data).permissions() == fs::perms::owner_all);
    std::size_t files = 0;
    for (const auto& entry : fs::directory_iterator{data}) {
        CAPTURE(entry.path());
        CHECK((entry.status().permissions() & (fs::perms::group_all | fs::perms::others_all)) ==
              fs::perms::none);
        ++files;
    }
    CHECK(files >= 6);
}

TEST_CASE("init never overwrites", "[daemon][init]") {
    const tests::temporary_directory temporary;
    const auto file = temporary.write("precious", "x");
    CHECK_THROWS_WITH(run_init({.data = temporary.path()}),
                      Contains(temporary.path().string()) && Contains("is not empty"));
    CHECK_THROWS_WITH(run_init({.data = file}), Contains(file.string()));
    CHECK(fs::file_size(file) == 1);
}

TEST_CASE("an init that fails leaves nothing behind", "[daemon][init]") {
    const tests::temporary_directory temporary;
    const auto data = temporary.path() / "data";
    CHECK_THROWS_WITH(run_init({.data = data, .region = "atlantis"}),
                      Contains("atlantis") && Contains("local"));
    CHECK_THROWS_WITH(run_init({.data = data, .public_host = "no host"}), Contains("--public-host"));
    CHECK_THROWS(run_init({.data = data, .project = "Not A Slug"}));
    CHECK_THROWS_WITH(run_init({.data = data, .certificate = "missing.pem", .private_key = "missing.pem"}),
                      Contains("missing.pem"));
    CHECK_FALSE(fs::exists(data));
}

TEST_CASE("init --config makes what the configuration names and the machine lacks, and nothing twice",
          "[daemon][init]") {
    const tests::temporary_directory temporary;
    const auto data = temporary.path() / "data";
    const auto file = temporary.write("turnixd.yaml",
                                      "data: {directory: data, key_ring_file: data/keys.json}\n"
                                      "node: {regions_file: regions.yaml}\n"
                                      "relay:\n"
                                      "  listeners: [{transport: tls, address: \"127.0.0.1:0\"}]\n"
                                      "  tls: {certificate: data/c.pem, private_key: data/k.pem}\n");
    const auto made = tests::run({"init", "--config", file.c_str()});
    CHECK(made.errors.empty());
    REQUIRE(made.code == exit_code::success);
    CHECK_THAT(made.output, Catch::Matchers::StartsWith("tnx_"));
    CHECK(fs::status(data).permissions() == fs::perms::owner_all);
    const auto certificate = fs::last_write_time(data / "c.pem");

    const auto again = tests::run({"init", "--config", file.c_str()});
    CHECK(again.code == exit_code::success);
    CHECK(again.output.empty());
    CHECK(fs::last_write_time(data / "c.pem") == certificate);
}

TEST_CASE("init --config leaves a configuration that is wrong to be mended", "[daemon][init]") {
    const tests::temporary_directory temporary;
    const auto file = temporary.write("turnixd.yaml", "relay: {listeners: [], workers: many}\n");
    const auto made = tests::run({"init", "--config", file.c_str()});
    CHECK(made.code == exit_code::failure);
    CHECK_THAT(made.errors, Contains("relay.workers"));
    CHECK(tests::run({"init"}).code == exit_code::usage);
    CHECK(tests::run({"init", "--config", "x", "--data", "y"}).code == exit_code::usage);
}
