#include "relay/turn/source_budget.hpp"

#include "tests/relay/turn/addresses.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <atomic>
#include <thread>

using namespace turnix;
using namespace turnix::turn;
using namespace turnix::turn_test;
using namespace std::chrono_literals;

namespace {

const monotonic_time start{1h};
constexpr std::array all_kinds{budgeted_answer::binding, budgeted_answer::unauthorized,
                               budgeted_answer::failed_integrity};

source_budget budget(const contract::limit_settings& limits = {}) {
    crypto::secret<16> key;
    for (std::uint8_t i = 1; auto& byte : key.writable_bytes()) byte = i++;
    return source_budget{limits, key};
}

int granted(source_budget& from, budgeted_answer kind, const net::address& client, int asked,
            monotonic_time now = start) {
    int count = 0;
    for (int i = 0; i < asked; ++i) count += from.take(kind, client, now) ? 1 : 0;
    return count;
}

net::address ipv4(std::uint32_t value) {
    return net::address{net::address::v4_bytes{
        static_cast<std::uint8_t>(value >> 24U), static_cast<std::uint8_t>(value >> 16U),
        static_cast<std::uint8_t>(value >> 8U), static_cast<std::uint8_t>(value)}};
}

}  // namespace

TEST_CASE("a source gets 400 answers at once and 100 a second from then on", "[policy]") {
    auto from = budget();
    const auto kind = GENERATE(budgeted_answer::binding, budgeted_answer::unauthorized);
    CHECK(granted(from, kind, ip("192.0.2.1"), 1'000) == 400);
    CHECK(granted(from, kind, ip("192.0.2.1"), 1'000, start + 1s) == 100);
}

TEST_CASE("failed integrity is answered 60 times a minute", "[policy]") {
    auto from = budget();
    CHECK(granted(from, budgeted_answer::failed_integrity, ip("192.0.2.1"), 1'000) == 60);
    CHECK(granted(from, budgeted_answer::failed_integrity, ip("192.0.2.1"), 1'000, start + 60s) == 60);
}

TEST_CASE("each kind of answer has a budget of its own", "[policy]") {
    auto from = budget();
    for (const auto kind : all_kinds) CHECK(granted(from, kind, ip("192.0.2.1"), 1'000) >= 60);
}

TEST_CASE("an IPv6 source is a /64, its network a /48; an IPv4 source is an address, its network a /24",
          "[policy]") {
    const auto [first, second, same_source, same_network] =
        GENERATE(table<const char*, const char*, bool, bool>({
            {"192.0.2.1", "192.0.2.2", false, true},
            {"192.0.2.1", "192.0.3.1", false, false},
            {"2001:db8:1:2::1", "2001:db8:1:2:ffff::2", true, true},
            {"2001:db8:1:2::1", "2001:db8:1:ff02::1", false, true},
            {"2001:db8:1:2::1", "2001:db8:2:2::1", false, false},
            {"32.1.13.184", "2001:db8::", false, false},
        }));
    INFO(first << " and " << second);
    constexpr auto kind = budgeted_answer::binding;
    auto by_source = budget();
    CHECK(granted(by_source, kind, ip(first), 400) == 400);
    CHECK(granted(by_source, kind, ip(second), 400) == (same_source ? 0 : 400));

    auto by_network = budget({.unauthenticated_net_per_second = 300});
    CHECK(granted(by_network, kind, ip(first), 300) == 300);
    CHECK(by_network.take(kind, ip(second), start) == !same_network);
}

TEST_CASE("a source that is silenced leaves its network's budget alone", "[policy]") {
    auto from = budget();
    CHECK(granted(from, budgeted_answer::binding, ip("192.0.2.1"), 100'000) == 400);
    CHECK(granted(from, budgeted_answer::binding, ip("192.0.2.2"), 400) == 400);
}

TEST_CASE("however many sources collide, no bucket grants more than its budget", "[policy]") {
    auto from = budget({.unauthenticated_per_second = 1, .unauthenticated_burst = 2});
    std::size_t count = 0;
    for (std::uint32_t i = 0; i < 20 * source_budget::slots; ++i) {
        // Each in a network of its own.
        if (from.take(budgeted_answer::unauthorized, ipv4(i << 8U), start)) ++count;
    }
    CHECK(count <= 2 * source_budget::slots);
    CHECK(count > 2 * source_budget::slots * 99 / 100);
}

TEST_CASE("workers that take at the same time share one budget", "[policy]") {
    auto from = budget();
    std::atomic<int> count{0};
    std::array<std::thread, 4> workers;
    for (auto& worker : workers) {
        worker =
            std::thread{[&] { count += granted(from, budgeted_answer::binding, ip("192.0.2.1"), 20'000); }};
    }
    for (auto& worker : workers) worker.join();
    CHECK(count == 400);
}

TEST_CASE("limits that are changed hold for the next answer, and give nothing back at once",
          "[source_budget]") {
    auto answers = budget({.unauthenticated_per_second = 1, .unauthenticated_burst = 2});
    const auto client = ipv4(0xc6336407);
    CHECK(granted(answers, budgeted_answer::binding, client, 10) == 2);
    answers.change({.unauthenticated_per_second = 10, .unauthenticated_burst = 5});
    CHECK(granted(answers, budgeted_answer::binding, ipv4(0xc6336408), 10) == 5);
    CHECK(granted(answers, budgeted_answer::binding, client, 10, start + 10s) == 5);
}
