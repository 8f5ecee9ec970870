#include "api/webhooks/target.hpp"

#include <catch2/catch.hpp>

using namespace turnix;
using namespace turnix::webhooks;

TEST_CASE("a webhook goes to an https URL and to no private address", "[webhooks]") {
    const target_policy policy{false};
    const auto [url, is_good] = GENERATE(table<const char*, bool>({
        {"https://hooks.example", true},
        {"https://hooks.example:8443/a?b=c", true},
        {"https://8.8.8.8/", true},
        {"https://[2606:4700::1]/", true},
        {"http://hooks.example/", false},
        {"ftp://hooks.example/", false},
        {"https://user:secret@hooks.example/", false},
        {"https:///path", false},
        {"hooks.example", false},
        {"", false},
        {"https://hooks.example:0/", false},
        {"https://127.0.0.1/", false},
        {"https://10.1.2.3/", false},
        {"https://169.254.169.254/latest/meta-data", false},
        {"https://[::1]/", false},
        {"https://[::ffff:127.0.0.1]/", false},
        {"https://[fd00::1]/", false},
        {"https://[64:ff9b::7f00:1]/", false},
        {"https://hooks.example/a\r\nHost: other", false},
    }));
    INFO(url);
    CHECK(policy.read(url).has_value() == is_good);
}

TEST_CASE("private targets and plain http are good where the configuration allows them", "[webhooks]") {
    const target_policy policy{true};
    const auto local = policy.read("http://127.0.0.1:8000/hook?x=1");
    REQUIRE(local.has_value());
    CHECK_FALSE(local->tls);
    CHECK(local->host == "127.0.0.1");
    CHECK(local->port == 8000);
    CHECK(local->path == "/hook?x=1");
    CHECK(local->authority() == "127.0.0.1:8000");
    CHECK(policy.read("https://[::1]")->authority() == "[::1]");
    CHECK(policy.read("https://[::1]")->path == "/");
    CHECK_FALSE(policy.read("file:///etc/passwd").has_value());
}
