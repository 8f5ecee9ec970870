#include "tests/relay/io/engines.hpp"

#include "relay/io/engine_factory.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>

namespace turnix::test {

const std::vector<std::string>& served_engines() {
    static const std::vector<std::string> served = [] {
        std::vector<std::string> names;
        for (const char* name : {"epoll", "uring", "shared"}) {
            const io::engine_factory factory{{.name = name,
                                              .relay_addresses = {net::address::parse("127.0.0.1").value(),
                                                                  net::address::parse("::1").value()},
                                              .ports = {}}};
            if (factory.name() == name) {
                names.emplace_back(name);
            } else {
                WARN("skipped: " << factory.reason());
            }
        }
        return names;
    }();
    return served;
}

std::string engine() {
    const char* const wanted = std::getenv("TURNIX_TEST_ENGINE");
    return wanted == nullptr ? "auto" : wanted;
}

}  // namespace turnix::test
