#include "common/credential/timed_username.hpp"

#include "common/credential/claims.hpp"
#include "common/credential/private_file.hpp"
#include "tests/common/config/temporary_directory.hpp"

#include <catch2/catch.hpp>

using namespace turnix;
using namespace turnix::credential;
using Catch::Matchers::Contains;

TEST_CASE("a timed username is an expiry, alone or with a user behind a colon", "[credential]") {
    const auto [text, expiry_s, user] = GENERATE(table<std::string, std::int64_t, std::string>({
        {"1800000000:alice", 1'800'000'000, "alice"},
        {"1800000000", 1'800'000'000, ""},
        {"1800000000:", 1'800'000'000, ""},
        {"0:a:b", 0, "a:b"},
        {"253402300799:x", 253'402'300'799, "x"},
    }));
    const auto parsed = timed_username::parse(text).value();
    CHECK(parsed.expires_at.time_since_epoch().count() == expiry_s);
    CHECK(parsed.user == user);
}

TEST_CASE("what does not begin with a date is no timed username", "[credential]") {
    const auto text =
        GENERATE(as<std::string>{}, "", ":alice", "alice:1800000000", "-1:alice", "+1:alice", " 1:alice",
                 "18000x:alice", "0x10:alice", "253402300800:x", "99999999999999999999999:alice");
    CAPTURE(text);
    CHECK_FALSE(timed_username::parse(text).has_value());
}

TEST_CASE("a timed password is what other implementations make of it", "[credential]") {
    // printf '1800000000:alice' | openssl dgst -sha1 -hmac north -binary | base64
    CHECK(timed_password("1800000000:alice", "north") == "sIm7pn/teO7y3AyXGeXl/xAQR6Q=");
}

TEST_CASE("shared secrets are read one a line, from a file that only its owner can read", "[credential]") {
    const tests::temporary_directory directory;
    const auto file = directory.path() / "secrets";
    write_private_file(file, "north\r\n\n south \n");
    CHECK(load_shared_secrets(file) == std::vector<std::string>{"north", " south "});

    std::filesystem::permissions(file, std::filesystem::perms::group_read,
                                 std::filesystem::perm_options::add);
    CHECK_THROWS_WITH(load_shared_secrets(file), Contains("chmod 600"));
    write_private_file(file, "\n\n");
    CHECK_THROWS_WITH(load_shared_secrets(file), Contains("holds nothing"));
    write_private_file(file, "1\n2\n3\n4\n5\n6\n7\n8\n9\n");
    CHECK_THROWS_WITH(load_shared_secrets(file), Contains("holds 9 secrets; retire some"));
}
