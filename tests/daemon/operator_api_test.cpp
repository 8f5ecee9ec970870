#include "daemon/operator_api.hpp"

#include "daemon/command_line.hpp"
#include "daemon/operator_call.hpp"
#include "tests/common/config/temporary_directory.hpp"
#include "tests/daemon/captured_run.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <catch2/catch.hpp>

#include <filesystem>
#include <string>

using namespace turnix;
using namespace turnix::daemon;
using tests::run;

namespace {

/// The configuration file of a fresh data directory.
std::string initialised(const tests::temporary_directory& temporary) {
    const auto data = (temporary.path() / "data").string();
    REQUIRE(run({"init", "--data", data.c_str()}).code == exit_code::success);
    return data + "/turnixd.yaml";
}

}  // namespace

TEST_CASE("tokens are made, rotated, listed and revoked while no daemon runs", "[daemon][token]") {
    const tests::temporary_directory temporary;
    const auto file = initialised(temporary);
    const auto created = run({"token", "create", "--config", file.c_str(), "--name", "ci", "--project",
                              "default", "--scope", "ice:issue", "--json"});
    REQUIRE(created.code == exit_code::success);
    const auto token = boost::json::parse(created.output);
    CHECK(token.at("token").as_string().starts_with("tnx_"));
    CHECK(token.at("project") == "default");
    CHECK(token.at("scopes").as_array().size() == 1);

    const std::string id{token.at("id").as_string()};
    const auto rotated =
        run({"token", "rotate", "--config", file.c_str(), id.c_str(), "--overlap", "60", "--json"});
    REQUIRE(rotated.code == exit_code::success);
    const auto renewed = boost::json::parse(rotated.output);
    CHECK(renewed.at("id") == token.at("id"));
    CHECK(renewed.at("token") != token.at("token"));
    CHECK_FALSE(renewed.at("previous_secret_ends_at").is_null());
    CHECK(run({"token", "revoke", "--config", file.c_str(), id.c_str()}).code == exit_code::success);
    const auto listed = run({"token", "list", "--config", file.c_str(), "--json"});
    const auto items = boost::json::parse(listed.output).at("items").as_array();
    REQUIRE(items.size() == 2);
    CHECK(items[0].at("revoked_at").is_null());
    CHECK_FALSE(items[1].at("revoked_at").is_null());
    CHECK(items[1].as_object().find("token") == items[1].as_object().end());
    CHECK(listed.output.find(std::string{token.at("token").as_string()}) == std::string::npos);
}

TEST_CASE("the list goes on beyond one page", "[daemon][token]") {
    const tests::temporary_directory temporary;
    const auto file = initialised(temporary);
    for (int i = 0; i < 60; ++i) {
        REQUIRE(run({"token", "create", "--config", file.c_str()}).code == exit_code::success);
    }
    const auto listed = run({"token", "list", "--config", file.c_str(), "--json"});
    CHECK(boost::json::parse(listed.output).at("items").as_array().size() == 61);
}

TEST_CASE("what the API refuses ends with 1 and its message", "[daemon][token]") {
    const tests::temporary_directory temporary;
    const auto file = initialised(temporary);
    const auto unknown = run({"token", "revoke", "--config", file.c_str(), "0123"});
    CHECK(unknown.code == exit_code::failure);
    CHECK(unknown.errors.find("no such token") != std::string::npos);
    const auto scope = run({"token", "create", "--config", file.c_str(), "--scope", "everything"});
    CHECK(scope.code == exit_code::failure);
    CHECK(scope.errors.find("scope") != std::string::npos);
    const auto broken = temporary.write("broken.yaml", "relay: [");
    CHECK(run({"token", "list", "--config", broken.c_str()}).errors.find("not YAML") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(temporary.path() / "lock"));
    const auto missing = run({"token", "list", "--config", "/missing/turnixd.yaml"});
    CHECK(missing.code == exit_code::failure);
    CHECK(missing.errors.find("/missing/turnixd.yaml") != std::string::npos);
}

TEST_CASE("a directory that is locked, with nobody at its socket, is a fault with its remedy",
          "[daemon][token]") {
    const tests::temporary_directory temporary;
    const data_directory directory{temporary.path()};
    const data_directory_lock held{directory};
    operator_api api{directory};
    CHECK_THROWS_WITH(api.ask({}), Catch::Matchers::Contains(directory.control_socket().string()) &&
                                       Catch::Matchers::Contains("does not answer"));
}

TEST_CASE("a name that was stored before names were looked at does nothing to a terminal",
          "[daemon][token]") {
    const auto token = boost::json::parse(R"({"name":"a\u009b2Jb\u202ec\\","project":null})");
    CHECK(text_of(token, "name") == R"(a\xc2\x9b2Jb\xe2\x80\xaec\\)");
    CHECK(text_of(token, "project") == "-");
}
