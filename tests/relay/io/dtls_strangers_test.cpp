// What those may cost a DTLS server who have proven nothing yet, or not all of it.
#include "common/crypto/random.hpp"
#include "relay/stun/bytes.hpp"
#include "tests/relay/io/dtls_server_under_test.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <memory>
#include <vector>

#include <malloc.h>
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
// Of the sanitizers' runtime: g++'s package lacks the header that declares it.
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();
#endif

using namespace turnix;
using namespace turnix::test;
using namespace std::chrono_literals;

namespace {

/// A record of the epoch that is not negotiated yet.
bytes early_record(std::uint8_t sequence) {
    bytes record(13 + 32, std::byte{0x5a});
    stun::byte_writer header{record};
    header.u8(22);
    header.u16(0xfefd);
    header.u16(1);
    header.u32(0);
    header.u16(sequence);
    header.u16(32);
    return record;
}

/// The first byte of a handshake message of 100,000 that is not due.
bytes early_message(std::uint8_t sequence) {
    bytes record(13 + 12 + 1, std::byte{0});
    stun::byte_writer header{record};
    header.u8(22);
    header.u16(0xfefd);
    header.u16(0);
    header.u32(1);
    header.u16(sequence);
    header.u16(13);
    header.u8(16);
    header.u8(100'000 >> 16);
    header.u16(100'000 & 0xffff);
    header.u16(static_cast<std::uint16_t>(2 + 1 + sequence % 8));
    header.u8(0);
    header.u16(0);
    header.u8(0);
    header.u16(1);
    return record;
}

// What a sanitizer has freed stays resident for a while: what counts is what was not freed.
std::size_t allocated_bytes() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return ::__sanitizer_get_current_allocated_bytes();
#else
    const auto heap = ::mallinfo2();
    return heap.uordblks + heap.hblkhd;
#endif
}

}  // namespace

TEST_CASE("RFC 6347 4.2.1: nothing is kept of a hundred thousand spoofed ClientHellos", "[io][dtls][flood]") {
    dtls_server_under_test under_test;
    under_test.keeps = false;
    bytes hello = client_hello();
    const auto flood = [&](std::size_t count, bool many_networks) {
        for (std::uint32_t i = 0; i < count; ++i) {
            net::address::v4_bytes source{198, 51, 100, 7};
            stun::byte_writer address{std::as_writable_bytes(std::span{source})};
            if (many_networks) address.u32(0x0b000000U + i * 256);
            crypto::fill_random(std::span{hello}.subspan(27, 32));
            under_test.server.on_datagram(
                under_test.now, path_from(net::address{source}, static_cast<std::uint16_t>(i)), hello);
        }
    };
    flood(1'000, true);
    const auto before = allocated_bytes();
    SECTION("from as many networks: an answer each, shorter than the question") {
        flood(100'000, true);
        CHECK(under_test.sent <= 101'000);
        CHECK(under_test.sent_bytes_max <= 60);
        CHECK(under_test.sent_bytes_max < hello.size());
    }
    SECTION("from one source: no more answers than its budget") {
        flood(100'000, false);
        CHECK(under_test.sent == 1'000U + under_test.limits.unauthenticated_burst);
        CHECK(under_test.count(dtls_event::cookie_withheld) ==
              100'000U - under_test.limits.unauthenticated_burst);
    }
    SECTION("from as many networks while the worker is behind: as many answers as it has time for") {
        under_test.one_stranger_in = 64;
        flood(64'000, true);
        CHECK(under_test.sent == 2'000);
        CHECK(under_test.count(dtls_event::cookie_withheld) == 63'000);
        under_test.one_stranger_in = 1;
    }
    CHECK(allocated_bytes() < before + (1U << 20U));
    CHECK(under_test.server.sessions() == 0);
    CHECK(under_test.count(dtls_event::accepted) == 0);
    CHECK(under_test.messages.empty());

    under_test.keeps = true;
    connected_dtls_client honest{under_test, 1};
    CHECK(honest.connects());
}

TEST_CASE("a cookie is its 5-tuple's, and good for a minute at most", "[io][dtls]") {
    const io::cookie_authority cookies;
    const monotonic_time then{1h};
    const auto path = path_of(1);
    const auto cookie = cookies.issue(path, then);
    CHECK(cookies.verify(cookie, path, then));
    CHECK(cookies.verify(cookie, path, then + 30s));
    CHECK_FALSE(cookies.verify(cookie, path, then + 60s));
    CHECK_FALSE(cookies.verify(cookie, path_of(2), then));
    CHECK_FALSE(cookies.verify({}, path, then));
    CHECK_FALSE(io::cookie_authority{}.verify(cookie, path, then));
    auto elsewhere = path;
    ++elsewhere.server.port;
    CHECK_FALSE(cookies.verify(cookie, elsewhere, then));
}

TEST_CASE("what is no ClientHello and of no session has no answer", "[io][dtls]") {
    dtls_server_under_test under_test;
    bytes stray = client_hello();
    SECTION("data") { stray[0] = std::byte{23}; }
    SECTION("another handshake message") { stray[13] = std::byte{2}; }
    SECTION("of a later epoch") { stray[4] = std::byte{1}; }
    SECTION("cut off") { stray.resize(40); }
    SECTION("empty") { stray.clear(); }
    under_test.receive(path_of(1), stray);
    CHECK(under_test.sent == 0);
    CHECK(under_test.count(dtls_event::unknown) == 1);
}

TEST_CASE("a ClientHello that is cut anywhere, or changed, harms nobody", "[io][dtls]") {
    dtls_server_under_test under_test;
    const bytes hello = client_hello();
    for (std::size_t size = 59; size < hello.size(); ++size) {
        under_test.receive(path_of(2), std::span{hello}.first(size));
    }
    for (std::size_t at = 13; at < hello.size(); ++at) {
        auto changed = hello;
        changed[at] = ~changed[at];
        under_test.receive(path_of(2), changed);
    }
    under_test.outgoing.clear();
    CHECK(under_test.server.sessions() == 0);
    connected_dtls_client honest{under_test, 1};
    CHECK(honest.connects());
}

TEST_CASE("what comes too early in a handshake is kept within bounds, and then ends it",
          "[io][dtls][flood]") {
    constexpr std::uint16_t handshakes = 32;
    contract::limit_settings limits;
    limits.idle_connections_per_source_max = handshakes + 1;
    dtls_server_under_test under_test{limits};
    std::vector<std::unique_ptr<connected_dtls_client>> begun;
    for (std::uint16_t port = 1; port <= handshakes; ++port) {
        auto& with = *begun.emplace_back(std::make_unique<connected_dtls_client>(under_test, port));
        with.begin();
        under_test.outgoing.clear();
    }
    REQUIRE(under_test.server.sessions() == handshakes);

    const auto before = allocated_bytes();
    std::size_t most = 0;
    for (std::uint8_t i = 1; i <= 100; ++i) {
        for (const auto& each : begun) {
            under_test.receive(each->path, early_record(i));
            under_test.receive(each->path, early_message(i));
        }
        most = std::max(most, allocated_bytes() - std::min(before, allocated_bytes()));
    }
    CHECK(most < std::size_t{handshakes} * 512 * 1'024);
    CHECK(under_test.server.sessions() == 0);
    CHECK(under_test.count(dtls_event::handshake_failed) == handshakes);
    connected_dtls_client honest{under_test, 1'000};
    CHECK(honest.connects());
}
