#include "common/credential/static_users.hpp"

#include "common/credential/private_file.hpp"
#include "tests/common/config/temporary_directory.hpp"

#include <catch2/catch.hpp>

using namespace turnix;
using namespace turnix::credential;
using Catch::Matchers::Contains;

TEST_CASE("RFC 8265 4.2: names and passwords are read as OpaqueString", "[credential][rfc8265]") {
    const tests::temporary_directory directory;
    const auto file = directory.path() / "users";
    write_private_file(file, "alice:a:b c\n\nju\u0308rgen:\u00a0\u212b\n");
    const auto users = load_static_users(file);
    REQUIRE(users.size() == 2);
    CHECK(users[0].name == "alice");
    CHECK(users[0].password == "a:b c");
    CHECK(users[1].name == "j\u00fcrgen");
    CHECK(users[1].password == " \u00c5");
}

TEST_CASE("a line that names no user stops with its number, and shows no password", "[credential]") {
    const tests::temporary_directory directory;
    const auto file = directory.path() / "users";
    const auto [line, fault] = GENERATE(table<std::string, std::string>({
        {"secret", "users:2: is not NAME:PASSWORD"},
        {":secret", "users:2: the name is empty"},
        {"a\tb:secret", "users:2: the name is empty, longer than 508 bytes, or has characters"},
        {std::string(509, 'a') + ":secret", "users:2: the name is empty, longer than 508 bytes"},
        {"bob:", "users:2: the password is empty"},
        {"bob:secret\u00ad", "users:2: the password is empty, or has characters"},
        {"alice:secret", "users:2: the name alice stands there twice"},
    }));
    write_private_file(file, "alice:hidden\n" + line + "\n");
    CHECK_THROWS_WITH(load_static_users(file), Contains(fault) && !Contains("secret") && !Contains("hidden"));
}
