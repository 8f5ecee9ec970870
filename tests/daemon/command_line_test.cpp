#include "tests/daemon/captured_run.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace turnix::daemon;
using turnix::tests::run;

TEST_CASE("a command line that is not understood ends with 2 and says why", "[daemon][cli]") {
    const auto arguments = GENERATE(std::vector<const char*>{}, std::vector<const char*>{"serve"},
                                    std::vector<const char*>{"run"}, std::vector<const char*>{"init"},
                                    std::vector<const char*>{"token"},
                                    std::vector<const char*>{"token", "revoke", "--config", "x"},
                                    std::vector<const char*>{"init", "--data", "x", "--certificate", "c"},
                                    std::vector<const char*>{"version", "--loud"});
    const auto [code, output, errors] = run(arguments);
    CHECK(code == exit_code::usage);
    CHECK_FALSE(errors.empty());
}

TEST_CASE("help and version succeed", "[daemon][cli]") {
    CHECK(run({"--help"}).code == exit_code::success);
    CHECK(run({"--help"}).output.find("Exit status") != std::string::npos);
    const auto version = run({"version"});
    CHECK(version.code == exit_code::success);
    CHECK(version.output.starts_with("turnixd "));
}

TEST_CASE("a configuration that cannot be used ends with 1 and its faults", "[daemon][cli]") {
    const auto* const command = GENERATE("check", "run");
    const auto [code, output, errors] =
        run({command, "--config", "/missing/turnixd.yaml", "--set", "relay.workers=many"});
    CHECK(code == exit_code::failure);
    CHECK(output.empty());
    CHECK(errors.find("/missing/turnixd.yaml: cannot be read") != std::string::npos);
    CHECK(errors.find("--set: relay.workers: \"many\" is not a whole number") != std::string::npos);
}
