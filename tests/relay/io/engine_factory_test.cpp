#include "relay/io/engine_factory.hpp"

#include "tests/relay/io/engines.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <functional>
#include <string>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace turnix;

namespace {

/// Runs in a process of its own, which may give up rights for good.
bool holds_in_child(const std::function<bool()>& condition) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(condition() ? 0 : 1);
    int status = 0;
    return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool become_nobody() {
    constexpr uid_t nobody = 65'534;
    return ::geteuid() != 0 || ::setresuid(nobody, nobody, nobody) == 0;
}

/// Like a container's seccomp profile.
bool forbid_io_uring() {
    std::array rules{
        sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
        sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const sock_fprog program{.len = rules.size(), .filter = rules.data()};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

io::engine_factory factory_for(const std::string& name) {
    return io::engine_factory{
        {.name = name, .relay_addresses = {net::address::parse("127.0.0.1").value()}, .ports = {}}};
}

bool runs(const std::string& engine) {
    return std::ranges::find(test::served_engines(), engine) != test::served_engines().end();
}

bool says(const io::engine_factory& factory, const char* what) {
    return factory.reason().find(what) != std::string::npos;
}

}  // namespace

TEST_CASE("who may not send raw is served by uring, and told what is missing", "[io][engine]") {
    const std::string name = GENERATE("auto", "shared");
    const std::string next = runs("uring") ? "uring" : "epoll";
    CHECK(holds_in_child([&] {
        if (!become_nobody()) return false;
        const auto factory = factory_for(name);
        return factory.name() == next && says(factory, "CAP_NET_RAW");
    }));
}

TEST_CASE("where io_uring is forbidden epoll serves, and tells so", "[io][engine]") {
    const auto [name, tells_of_shared] = GENERATE(table<std::string, bool>({
        {"auto", true},
        {"shared", true},
        {"uring", false},
    }));
    CHECK(holds_in_child([name, tells_of_shared] {
        if (!become_nobody() || !forbid_io_uring()) return false;
        const auto factory = factory_for(name);
        return factory.name() == "epoll" && says(factory, "no uring engine: io_uring is forbidden") &&
               says(factory, "no shared engine") == tells_of_shared;
    }));
}

TEST_CASE("an engine that was asked for needs no excuse", "[io][engine]") {
    const std::string name = GENERATE("epoll", "uring");
    if (!runs(name)) return;
    const auto factory = factory_for(name);
    CHECK(factory.name() == name);
    CHECK(factory.reason().empty());
}
