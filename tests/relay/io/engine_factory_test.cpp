#include "relay/io/engine_factory.hpp"

#include <catch2/catch.hpp>

#include <string>

#include <sys/wait.h>
#include <unistd.h>

using namespace turnix;

TEST_CASE("who may not send raw is served by epoll, and told what is missing", "[io][engine]") {
    const std::string name = GENERATE("auto", "shared");
    const pid_t child = ::fork();
    if (child == 0) {
        constexpr uid_t nobody = 65'534;
        if (::geteuid() == 0 && ::setresuid(nobody, nobody, nobody) != 0) ::_exit(2);
        const io::engine_factory factory{
            {.name = name, .relay_addresses = {net::address::parse("127.0.0.1").value()}, .ports = {}}};
        const bool says_why = factory.reason().find("CAP_NET_RAW") != std::string::npos;
        ::_exit(factory.name() == "epoll" && says_why ? 0 : 1);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("epoll that was asked for needs no excuse", "[io][engine]") {
    const io::engine_factory factory{{.name = "epoll", .relay_addresses = {}, .ports = {}}};
    CHECK(factory.name() == "epoll");
    CHECK(factory.reason().empty());
}
