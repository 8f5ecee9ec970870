#include "relay/io/dtls_server.hpp"

#include "common/crypto/random.hpp"
#include "relay/stun/bytes.hpp"
#include "tests/relay/io/certificate.hpp"
#include "tests/relay/io/dtls_client.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <deque>
#include <string>
#include <thread>
#include <vector>

#include <malloc.h>
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
// Of the sanitizers' runtime: g++'s package lacks the header that declares it.
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();
#endif

using namespace turnix;
using namespace std::chrono_literals;
using io::dtls_event;
using bytes = std::vector<std::byte>;

namespace {

turn::client_path path_from(const net::address& client, std::uint16_t port = 1'000) {
    return {.client = {.address = client, .port = port},
            .server = net::endpoint::parse("192.0.2.1:5349").value(),
            .transport = net::transport::dtls};
}
turn::client_path path_of(std::uint16_t client_port) {
    return path_from(net::address::parse("198.51.100.1").value(), client_port);
}

bytes message_of(std::size_t count, std::uint8_t value) { return bytes(count, std::byte{value}); }

/// A DTLS server whose datagrams are kept, with a clock of the test's.
struct server_under_test final : io::dtls_sink {
    explicit server_under_test(const contract::limit_settings& given = {}) : limits{given} {}

    void on_dtls_message(const turn::client_path& path,
                         std::span<const std::byte> message) noexcept override {
        messages.emplace_back(message.begin(), message.end());
        if (echoes) server.send_reply(path, message);
    }
    void on_dtls_closed(const turn::client_path&) noexcept override { ++closed; }
    void send_dtls(const turn::client_path& path, std::span<const std::byte> datagram) noexcept override {
        sent_bytes_max = std::max(sent_bytes_max, datagram.size());
        ++sent;
        if (keeps) outgoing.emplace_back(path, bytes{datagram.begin(), datagram.end()});
    }
    bool has_allocation(const turn::client_path&) const noexcept override { return allocated; }
    bool has_time_for_stranger() noexcept override { return ++strangers % one_stranger_in == 0; }

    void receive(const turn::client_path& path, std::span<const std::byte> datagram) {
        bytes copy{datagram.begin(), datagram.end()};
        server.on_datagram(now, path, copy);
    }
    void pass(std::chrono::milliseconds time) {
        now += time;
        server.on_tick(now);
    }
    std::uint64_t count(dtls_event event) const { return server.counters().of(event); }

    test::certificate certificate;
    io::tls_context context{certificate.settings(), io::tls_kind::datagram};
    contract::limit_settings limits;
    io::idle_connections idle{limits.idle_connections_per_source_max};
    contract::load_signal load;
    turn::source_budget budgets{limits, crypto::secret<16>{}};
    io::cookie_authority cookies;
    io::dtls_server server{{.sink = *this,
                            .idle = idle,
                            .load = load,
                            .budgets = budgets,
                            .cookies = cookies,
                            .limits = limits,
                            .tls = &context}};
    monotonic_time now{1h};
    std::deque<std::pair<turn::client_path, bytes>> outgoing;
    std::vector<bytes> messages;
    std::size_t sent{0};
    std::size_t sent_bytes_max{0};
    int closed{0};
    std::size_t strangers{0};
    std::size_t one_stranger_in{1};
    bool allocated{false};
    bool echoes{false};
    bool keeps{true};
};

/// A client at a port of its own, which talks with the server for as long as either has something to say.
struct connected_client {
    connected_client(server_under_test& to, std::uint16_t port)
        : under_test{to}, path{path_of(port)}, client{[this](std::span<const std::byte> datagram) {
              sent.emplace_back(datagram.begin(), datagram.end());
          }} {}

    /// Nothing is lost on the way but what `loses` says.
    void exchange() {
        while (!sent.empty() || !under_test.outgoing.empty()) {
            deliver_to_server();
            while (!under_test.outgoing.empty()) {
                client.take(std::move(under_test.outgoing.front().second));
                under_test.outgoing.pop_front();
                if (!client.connects()) continue;
                for (auto record = client.receive(); !record.empty(); record = client.receive()) {
                    received.push_back(std::move(record));
                }
            }
        }
    }
    void deliver_to_server() {
        while (!sent.empty()) {
            under_test.receive(path, sent.front());
            sent.pop_front();
        }
    }
    bool connects() {
        client.connects();
        exchange();
        return client.connects();
    }
    void send(const bytes& message) {
        client.send_message(message);
        exchange();
    }

    server_under_test& under_test;
    turn::client_path path;
    std::deque<bytes> sent;
    std::vector<bytes> received;
    test::dtls_client client;
};

/// The first ClientHello of a client.
bytes client_hello() {
    bytes hello;
    test::dtls_client client{
        [&](std::span<const std::byte> datagram) { hello.assign(datagram.begin(), datagram.end()); }};
    client.connects();
    return hello;
}

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

TEST_CASE("messages pass both ways, one in each record", "[io][dtls]") {
    server_under_test under_test;
    under_test.echoes = true;
    connected_client with{under_test, 1};
    REQUIRE(with.connects());
    std::vector<bytes> expected;
    for (const std::size_t size : {1U, 20U, 1'200U, 16'384U}) {
        expected.push_back(message_of(size, 7));
        with.send(expected.back());
    }
    CHECK(under_test.messages == expected);
    CHECK(with.received == expected);
    CHECK(under_test.count(dtls_event::accepted) == 1);
    CHECK(under_test.server.sessions() == 1);
}

TEST_CASE("two records in a datagram are two messages", "[io][dtls]") {
    server_under_test under_test;
    connected_client with{under_test, 1};
    REQUIRE(with.connects());
    with.client.send_message(message_of(20, 1));
    with.client.send_message(message_of(30, 2));
    bytes both = with.sent.front();
    both.insert(both.end(), with.sent.back().begin(), with.sent.back().end());
    under_test.receive(with.path, both);
    CHECK(under_test.messages == std::vector{message_of(20, 1), message_of(30, 2)});
}

TEST_CASE("a peer's payload is framed where it stands", "[io][dtls]") {
    server_under_test under_test;
    connected_client with{under_test, 1};
    REQUIRE(with.connects());
    turn::to_client how{.path = with.path, .header_storage = {}, .header_bytes = 4};
    how.header_storage[0] = std::byte{0x40};
    bytes room = message_of(50 + turn::to_client::header_bytes_max, 9);
    under_test.server.send_to_client(how, std::span{room}.subspan(turn::to_client::header_bytes_max));
    with.exchange();
    REQUIRE(with.received.size() == 1);
    CHECK(with.received.front().size() == 54);
    CHECK(with.received.front().front() == std::byte{0x40});

    under_test.server.send_reply(with.path, message_of(16'385, 1));
    CHECK(under_test.count(dtls_event::dropped) == 1);
    under_test.server.send_reply(path_of(2), message_of(20, 1));
    with.exchange();
    CHECK(with.received.size() == 1);
}

TEST_CASE("RFC 6347 4.2.1: nothing is kept of a hundred thousand spoofed ClientHellos", "[io][dtls][flood]") {
    server_under_test under_test;
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
    connected_client honest{under_test, 1};
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
    server_under_test under_test;
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
    server_under_test under_test;
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
    connected_client honest{under_test, 1};
    CHECK(honest.connects());
}

TEST_CASE("a handshake, and a first message, have five seconds each", "[io][dtls]") {
    server_under_test under_test;
    connected_client with{under_test, 1};
    SECTION("the handshake stops after the cookie") {
        with.client.connects();
        with.deliver_to_server();
        with.client.take(std::move(under_test.outgoing.front().second));
        with.client.connects();
        with.deliver_to_server();
        REQUIRE(under_test.server.sessions() == 1);
    }
    SECTION("no message follows") { REQUIRE(with.connects()); }
    under_test.pass(5s);
    CHECK(under_test.server.sessions() == 1);
    under_test.pass(1ms);
    CHECK(under_test.server.sessions() == 0);
    CHECK(under_test.count(dtls_event::timed_out) == 1);
}

TEST_CASE("what comes too early in a handshake is kept within bounds, and then ends it",
          "[io][dtls][flood]") {
    constexpr std::uint16_t handshakes = 32;
    contract::limit_settings limits;
    limits.idle_connections_per_source_max = handshakes + 1;
    server_under_test under_test{limits};
    std::vector<std::unique_ptr<connected_client>> begun;
    for (std::uint16_t port = 1; port <= handshakes; ++port) {
        auto& with = *begun.emplace_back(std::make_unique<connected_client>(under_test, port));
        with.client.connects();
        with.deliver_to_server();
        with.client.take(std::move(under_test.outgoing.front().second));
        with.client.connects();
        with.deliver_to_server();
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
    connected_client honest{under_test, 1'000};
    CHECK(honest.connects());
}

TEST_CASE("a renewed certificate is the next client's, whoever has asked for a cookie before",
          "[io][dtls][tls]") {
    server_under_test under_test;
    under_test.receive(path_of(1), client_hello());
    under_test.outgoing.clear();
    SECTION("at once") {}
    SECTION("after a time in which OpenSSL could serve nobody") {
        under_test.context.renew(nullptr);
        under_test.receive(path_of(1), client_hello());
        CHECK(under_test.count(dtls_event::refused) == 1);
    }
    const test::certificate renewed;
    under_test.context.renew(io::make_ssl_context(renewed.settings(), io::tls_kind::datagram));
    connected_client with{under_test, 2};
    REQUIRE(with.connects());
    const std::unique_ptr<X509, decltype(&X509_free)> shown{SSL_get1_peer_certificate(with.client.native()),
                                                            &X509_free};
    const auto now_served = under_test.context.native();
    CHECK(X509_cmp(shown.get(), SSL_CTX_get0_certificate(now_served.get())) == 0);
}

TEST_CASE("a session is ended when idle only without an allocation, and the client told", "[io][dtls]") {
    server_under_test under_test;
    under_test.allocated = true;
    connected_client with{under_test, 1};
    REQUIRE(with.connects());
    with.send(message_of(20, 1));
    under_test.pass(10min);
    CHECK(under_test.server.sessions() == 1);
    under_test.allocated = false;
    under_test.pass(1ms);
    CHECK(under_test.server.sessions() == 0);
    CHECK(under_test.closed == 1);
    with.exchange();
    CHECK(with.client.was_told_of_the_end());
}

TEST_CASE("close_notify ends the session", "[io][dtls]") {
    server_under_test under_test;
    connected_client with{under_test, 1};
    REQUIRE(with.connects());
    with.client.close();
    with.deliver_to_server();
    CHECK(under_test.server.sessions() == 0);
    CHECK(under_test.closed == 1);
}

TEST_CASE("a stop ends every session and tells its client", "[io][dtls]") {
    server_under_test under_test;
    connected_client with{under_test, 1};
    REQUIRE(with.connects());
    under_test.server.close();
    CHECK(under_test.closed == 1);
    with.exchange();
    CHECK(with.client.was_told_of_the_end());
}

TEST_CASE("a source has a limited number of sessions without allocation", "[io][dtls]") {
    server_under_test under_test{{.idle_connections_per_source_max = 1}};
    connected_client first{under_test, 1};
    REQUIRE(first.connects());
    connected_client second{under_test, 2};
    CHECK_FALSE(second.connects());
    CHECK(under_test.count(dtls_event::refused) == 1);
    CHECK(under_test.server.sessions() == 1);
    under_test.allocated = true;
    first.send(message_of(20, 1));
    connected_client third{under_test, 3};
    CHECK(third.connects());
}

TEST_CASE("while memory runs short nobody new is heard, not even a ClientHello, and who is there is served",
          "[io][dtls][shedding]") {
    server_under_test under_test;
    under_test.echoes = true;
    connected_client old{under_test, 1};
    REQUIRE(old.connects());
    under_test.load.set(contract::load_step::tls_waits);
    const auto sent = under_test.sent;
    connected_client late{under_test, 2};
    CHECK_FALSE(late.connects());
    CHECK(under_test.sent == sent);
    CHECK(under_test.count(dtls_event::refused) > 0);
    old.send(message_of(20, 1));
    CHECK(under_test.messages.size() == 1);
    SECTION("even when it begins anew") {
        connected_client again{under_test, 1};
        CHECK(again.connects());
    }
    under_test.load.set(contract::load_step::none);
    connected_client later{under_test, 3};
    CHECK(later.connects());
}

TEST_CASE("RFC 6347 4.2.8: a client that begins anew replaces its session once it is through", "[io][dtls]") {
    server_under_test under_test;
    under_test.echoes = true;
    connected_client old{under_test, 1};
    REQUIRE(old.connects());
    old.send(message_of(20, 1));
    REQUIRE(old.received.size() == 1);

    SECTION("the old one serves until then") {
        connected_client spoofed{under_test, 1};
        spoofed.client.connects();
        spoofed.deliver_to_server();
        under_test.outgoing.clear();
        old.send(message_of(20, 2));
        CHECK(old.received.size() == 2);
        CHECK(under_test.closed == 0);
    }
    SECTION("half-way through the new handshake as well") {
        connected_client anew{under_test, 1};
        anew.client.connects();
        anew.deliver_to_server();
        anew.client.take(std::move(under_test.outgoing.front().second));
        under_test.outgoing.clear();
        anew.client.connects();
        anew.deliver_to_server();
        REQUIRE(under_test.count(dtls_event::accepted) == 2);
        under_test.outgoing.clear();
        old.send(message_of(20, 2));
        CHECK(old.received.size() == 2);
        under_test.pass(6s);
        CHECK(under_test.server.sessions() == 1);
        CHECK(under_test.closed == 0);
    }
    SECTION("the new one serves from then on") {
        connected_client anew{under_test, 1};
        REQUIRE(anew.connects());
        CHECK(under_test.closed == 1);
        anew.send(message_of(20, 2));
        CHECK(anew.received == std::vector<bytes>{message_of(20, 2)});
        CHECK(under_test.server.sessions() == 1);
    }
}

TEST_CASE("RFC 6347 4.2.4: a lost flight of the server is sent again, in datagrams that pass everywhere",
          "[io][dtls]") {
    server_under_test under_test;
    connected_client with{under_test, 1};
    with.client.connects();
    with.deliver_to_server();
    with.client.take(std::move(under_test.outgoing.front().second));
    under_test.outgoing.clear();
    with.client.connects();
    with.deliver_to_server();
    REQUIRE_FALSE(under_test.outgoing.empty());
    under_test.outgoing.clear();
    // OpenSSL's timer is of its own clock: a second at first.
    for (int i = 0; i < 150 && under_test.outgoing.empty(); ++i) {
        std::this_thread::sleep_for(10ms);
        under_test.pass(10ms);
    }
    CHECK_FALSE(under_test.outgoing.empty());
    CHECK(under_test.sent_bytes_max <= 1'200);
    with.exchange();
    CHECK(with.client.connects());
}

TEST_CASE("RFC 7443: ALPN names stun.turn over DTLS too", "[io][dtls][rfc7443]") {
    server_under_test under_test;
    connected_client with{under_test, 1};
    const auto [offered, answer] = GENERATE(table<std::string, const char*>({
        {"\x09stun.turn", "stun.turn"},
        {"\x02h2", nullptr},
    }));
    const std::vector<unsigned char> list{offered.begin(), offered.end()};
    SSL_set_alpn_protos(with.client.native(), list.data(), static_cast<unsigned>(list.size()));
    REQUIRE(with.connects() == (answer != nullptr));
    if (answer == nullptr) {
        CHECK(under_test.count(dtls_event::handshake_failed) == 1);
        CHECK(under_test.server.sessions() == 0);
        return;
    }
    const unsigned char* chosen = nullptr;
    unsigned int chosen_bytes = 0;
    SSL_get0_alpn_selected(with.client.native(), &chosen, &chosen_bytes);
    CHECK(std::string{chosen, chosen + chosen_bytes} == answer);
}
