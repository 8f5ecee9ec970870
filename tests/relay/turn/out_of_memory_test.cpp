// Whichever allocation of memory fails in the protocol core, it costs what asked for it and nothing else: the
// core answers 508 or is silent, ports and quota balance, and once there is memory again all is as it should
// be.
#include "relay/turn/connection_table.hpp"
#include "tests/counted_allocations.hpp"
#include "tests/counted_openssl.hpp"
#include "tests/relay/turn/conversation.hpp"
#include "tests/scale.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <functional>
#include <memory>
#include <random>
#include <utility>

using namespace turnix;
using namespace turnix::turn_test;

namespace {

/// More than any scenario asks for: from the nth allocation on there is none at all.
constexpr std::size_t all_that_follow = 1'000'000;

/// What the core handed back; it points into the core's own memory.
struct outcome {
    turn::client_effect effect{turn::silence{}};
    std::optional<turn::notice> told{};

    [[nodiscard]] answered answer() const {
        return told ? answered{{told->message.begin(), told->message.end()}} : answered::from(effect);
    }
};

/// A node in the middle of something, and what comes next.
struct stage {
    explicit stage(const std::function<void(stage&)>& prepare) {
        // What the test itself notes down takes no memory while it is short.
        node.observer.events.reserve(1'000);
        node.ports.connects.reserve(1'000);
        node.alternates.asked.reserve(1'000);
        prepare(*this);
    }

    /// From a user of its own, with every limit that takes an account.
    test_client& client_at(const char* address, net::transport over = net::transport::udp) {
        auto claims = node.claims();
        claims.limits = {.bitrate_bps_max = 1'000'000'000,
                         .packets_per_second_max = 1'000'000,
                         .bytes_max = 1'000'000'000,
                         .allocations_max = 4};
        return *clients.emplace_back(std::make_unique<test_client>(node, address, claims, over));
    }
    /// The client's next request, as the next step.
    void next_is(test_client& from, method of, const attributes& with) {
        if (from.nonce.empty()) learn_nonce(from);
        step = [&from, message = from.build(of, with)] { return outcome{.effect = from.send(message)}; };
    }
    void learn_nonce(test_client& by) {
        const auto issued = node.admission.nonces().issue(by.path.client, node.now.monotonic);
        by.nonce = {issued.data(), issued.size()};
    }

    [[nodiscard]] std::size_t live() const { return node.server.allocations() + node.second.allocations(); }
    void check_balance() const {
        const auto reserved = node.reservations.size();
        const auto ports = node.ports.open_ports() + node.second_ports.open_ports();
        const auto waiting = node.mailboxes[0].size() + node.mailboxes[1].size();
        CHECK(ports >= live());
        CHECK(ports <= 2 * live());
        if (waiting == 0) {
            CHECK(node.ports.reserved_ports() + node.second_ports.reserved_ports() == reserved);
            CHECK(node.admission.sessions() == live() + reserved);
            CHECK(node.observer.all<contract::session_started>().size() -
                      node.observer.all<contract::session_ended>().size() ==
                  live());
        }
    }
    void check_nothing_is_left() {
        node.deliver_all();
        node.server.end_all(node.now, contract::end_reason::shutdown);
        node.second.end_all(node.now, contract::end_reason::shutdown);
        bound.reset();
        node.pass(turn::reservation_lifetime + 1s);
        CHECK(node.ports.open_ports() + node.second_ports.open_ports() == 0);
        CHECK(node.ports.reserved_ports() + node.second_ports.reserved_ports() == 0);
        CHECK(node.admission.sessions() == 0);
        CHECK(node.mobility.sessions().empty());
        CHECK(node.connections.size() == 0);
        CHECK(open_streams == 0);
    }

    world node{[](contract::relay_settings& settings) {
        settings.tcp_relay.enabled = true;
        settings.mobility.enabled = true;
    }};
    std::vector<std::unique_ptr<test_client>> clients;
    int open_streams{0};
    std::optional<turn::waiting_connection> bound;
    std::function<outcome()> step;
};

/// What a step that had no memory leaves to be seen.
enum class afterwards : std::uint8_t {
    succeeds,  ///< the same once more does what it should
    differs,   ///< it may be that there is nothing left to do
};

struct scenario {
    const char* name;
    afterwards again;
    std::function<void(stage&)> prepare;
};

test_client& tcp_client(stage& at) {
    auto& client = at.client_at("198.51.100.7:50000", net::transport::tcp);
    at.learn_nonce(client);
    REQUIRE(client.ask(method::allocate, {transport(6)}).code() == success);
    REQUIRE(client.permit("9.9.9.9:1").code() == success);
    return client;
}

/// At worker 0, and about to say at the worker that it moves there.
test_client& moving_client(stage& at, turn::worker_number to) {
    auto& client = at.client_at("198.51.100.7:40000");
    at.learn_nonce(client);
    const auto ticket = client.allocate_mobile();
    REQUIRE(client.bind(0x4000, "9.9.9.9:7").code() == success);
    client.move_to("203.0.113.50:41000", to);
    at.next_is(client, method::refresh, {raw(attribute_type::mobility_ticket, ticket)});
    return client;
}

/// The same, and its first data is on the way.
void move_and_deliver(stage& at, int deliveries) {
    auto& client = moving_client(at, 1);
    at.step();
    at.node.deliver_all();
    CHECK(std::holds_alternative<turn::silence>(client.send_channel_data(0x4000, "up")));
    for (int i = 0; i < deliveries; ++i) REQUIRE((at.node.deliver(0) || at.node.deliver(1)));
    at.step = [&at] {
        at.node.deliver_all();
        return outcome{};
    };
}

const std::vector<scenario> scenarios{
    {"Allocate", afterwards::succeeds,
     [](stage& at) { at.next_is(at.client_at("198.51.100.7:40000"), method::allocate, {udp()}); }},
    {"Allocate of both families", afterwards::succeeds,
     [](stage& at) {
         at.next_is(at.client_at("198.51.100.7:40000"), method::allocate, {udp(), additional_family(2)});
     }},
    {"Allocate with a port reserved", afterwards::succeeds,
     [](stage& at) {
         at.next_is(at.client_at("198.51.100.7:40000"), method::allocate, {udp(), even_port(true)});
     }},
    {"Allocate of a reserved port", afterwards::differs,
     [](stage& at) {
         auto& first = at.client_at("198.51.100.7:40000");
         at.learn_nonce(first);
         const auto answer = first.ask(method::allocate, {udp(), even_port(true)});
         auto& second = at.client_at("198.51.100.7:40001");
         second.credential = first.credential;
         at.next_is(second, method::allocate, {udp(), token(answer.text(attribute_type::reservation_token))});
     }},
    {"Allocate for TCP", afterwards::succeeds,
     [](stage& at) {
         at.next_is(at.client_at("198.51.100.7:40000", net::transport::tcp), method::allocate,
                    {transport(6)});
     }},
    {"Allocate of a client that may move", afterwards::succeeds,
     [](stage& at) {
         at.next_is(at.client_at("198.51.100.7:40000"), method::allocate,
                    {udp(), raw(attribute_type::mobility_ticket, "")});
     }},
    {"Allocate beyond the quota", afterwards::differs,
     [](stage& at) {
         auto& first = at.client_at("198.51.100.7:40000");
         for (const char* address : {"198.51.100.7:40001", "198.51.100.7:40002", "198.51.100.7:40003"}) {
             auto& other = at.client_at(address);
             other.credential = first.credential;
             other.allocate();
         }
         first.allocate();
         auto& beyond = at.client_at("198.51.100.7:40004");
         beyond.credential = first.credential;
         at.next_is(beyond, method::allocate, {udp()});
     }},
    {"CreatePermission for several peers", afterwards::succeeds,
     [](stage& at) {
         auto& client = at.client_at("198.51.100.7:40000");
         client.allocate();
         at.next_is(client, method::create_permission,
                    {peer("9.9.9.1:1"), peer("9.9.9.2:1"), peer("9.9.9.3:1"), peer("9.9.9.4:1")});
     }},
    {"ChannelBind", afterwards::succeeds,
     [](stage& at) {
         auto& client = at.client_at("198.51.100.7:40000");
         client.allocate();
         REQUIRE(client.bind(0x4000, "9.9.9.1:1").code() == success);
         at.next_is(client, method::channel_bind, {channel(0x4001), peer("9.9.9.2:1")});
     }},
    {"Refresh", afterwards::succeeds,
     [](stage& at) {
         auto& client = at.client_at("198.51.100.7:40000");
         client.allocate();
         at.next_is(client, method::refresh, {lifetime(900s)});
     }},
    {"Refresh to the end", afterwards::differs,
     [](stage& at) {
         auto& client = at.client_at("198.51.100.7:40000");
         client.allocate();
         at.next_is(client, method::refresh, {lifetime(0s)});
     }},
    {"Refresh with a ticket", afterwards::succeeds, [](stage& at) { moving_client(at, 0); }},
    {"Refresh with a ticket at another worker", afterwards::differs,
     [](stage& at) {
         moving_client(at, 1);
         at.step = [&at, send = at.step] {
             const auto sent = send();
             at.node.deliver_all();
             return sent;
         };
     }},
    {"data at another worker", afterwards::differs, [](stage& at) { move_and_deliver(at, 0); }},
    {"a session on its way", afterwards::differs, [](stage& at) { move_and_deliver(at, 1); }},
    {"Connect", afterwards::differs,
     [](stage& at) { at.next_is(tcp_client(at), method::connect, {peer("9.9.9.9:7")}); }},
    {"a peer that is connected to", afterwards::differs,
     [](stage& at) {
         auto& client = tcp_client(at);
         at.next_is(client, method::connect, {peer("9.9.9.9:7")});
         at.step();
         auto stream = std::make_shared<std::unique_ptr<turn::peer_stream>>(
             std::make_unique<fake_stream>(at.open_streams));
         at.step = [&at, stream] {
             return outcome{.told = at.node.server.on_peer_connected(
                                at.node.now, {0}, turn_test::at("9.9.9.9:7"), std::move(*stream))};
         };
     }},
    {"a peer that connects", afterwards::differs,
     [](stage& at) {
         tcp_client(at);
         auto stream = std::make_shared<std::unique_ptr<turn::peer_stream>>(
             std::make_unique<fake_stream>(at.open_streams));
         at.step = [&at, stream] {
             return outcome{.told = at.node.server.on_peer_accepted(
                                at.node.now, {0}, turn_test::at("9.9.9.9:7"), std::move(*stream))};
         };
     }},
    {"an Allocate that is sent elsewhere", afterwards::differs,
     [](stage& at) {
         at.next_is(at.client_at("198.51.100.7:40000"), method::allocate, {udp()});
         at.node.server.set_draining(true);
         at.node.alternates.server = {.addresses = {turn_test::at("203.0.113.20:3478")},
                                      .domain = "another-node-of-the-fleet.example.net"};
     }},
    {"deadlines that pass", afterwards::differs,
     [](stage& at) {
         moving_client(at, 1);
         at.step();
         at.client_at("198.51.100.9:40000").allocate({additional_family(2)});
         at.step = [&at] {
             at.node.jump(3600s);
             return outcome{};
         };
     }},
    {"a connection that is lost", afterwards::differs,
     [](stage& at) {
         auto& client = moving_client(at, 1);
         at.step();
         at.node.deliver_all();
         static_cast<void>(client);
         at.step = [&at] {
             at.node.server.on_client_closed(at.node.now, {.client = turn_test::at("198.51.100.7:40000"),
                                                           .server = turn_test::at("192.0.2.1:3478")});
             at.node.deliver_all();
             return outcome{};
         };
     }},
};

/// The step's answer when there is memory.
int usual_code(const scenario& which) { return stage{which.prepare}.step().answer().code(); }

/// With the nth allocation failing; false when the scenario asks for fewer.
bool try_with(const scenario& which, int usual, std::size_t nth, std::size_t more) {
    stage at{which.prepare};
    const auto before = at.live();
    outcome came;
    {
        const test::failing_allocation without_memory{nth, more};
        came = at.step();
    }
    if (!test::failing_allocation::has_failed()) return false;
    const auto code = came.answer().code();
    // Of what OpenSSL asks for, nothing is missed.
    CHECK((code == silence || code == 508 || code == usual));
    if (code != success && which.again == afterwards::succeeds) CHECK(at.live() == before);
    at.check_balance();
    if (which.again == afterwards::succeeds) {
        CHECK(at.step().answer().code() == success);
        at.check_balance();
    }
    at.check_nothing_is_left();
    return true;
}

}  // namespace

TEST_CASE("an allocation of memory that fails in the core costs its request, whichever it is",
          "[out_of_memory]") {
    const test::counted_openssl with_openssl;
    std::size_t tried = 0;
    for (const auto& which : scenarios) {
        const auto usual = usual_code(which);
        for (const std::size_t more : {std::size_t{0}, all_that_follow}) {
            for (std::size_t nth = 1;; ++nth) {
                CAPTURE(which.name, nth, more);
                if (!try_with(which, usual, nth, more)) break;
                ++tried;
            }
        }
    }
    CHECK(tried > 100);
    tests::tell_figure("resource-memory",
                       fmt::format("protocol core: {} allocations failed, alone and with all that follow, "
                                   "in {} steps of "
                                   "conversations: 508 or silence, ports and quota balance",
                                   tried, scenarios.size()));
}

TEST_CASE("conversations whose requests run out of memory now and then break no promise", "[out_of_memory]") {
    const std::uint32_t conversations = tests::is_full_scale() ? 20'000 : 1'000;
    std::mt19937 generator{1};
    world node{[](contract::relay_settings& settings) { settings.tcp_relay.enabled = true; }};
    node.observer.events.reserve(10'000);
    node.ports.connects.reserve(1'000);
    node.alternates.asked.reserve(1'000'000);
    const test::counted_openssl with_openssl;
    std::size_t failures = 0;
    node.around = [&](const std::function<turn::client_effect()>& serve) {
        const test::failing_allocation without_memory{1 + generator() % 16, generator() % 3};
        auto effect = serve();
        if (test::failing_allocation::has_failed()) ++failures;
        return effect;
    };
    for (std::uint32_t i = 0; i < conversations; ++i) {
        INFO("conversation " << i);
        conversation talk{node, [&](std::uint32_t bound) { return generator() % bound; }};
        for (int step = 0; step < 32; ++step) talk.step();
        talk.end();
    }
    node.pass(turn::reservation_lifetime);
    CHECK(node.ports.reserved_ports() == 0);
    CHECK(node.admission.sessions() == 0);
    CHECK(failures > conversations / 10);
    tests::tell_figure("resource-memory",
                       fmt::format("protocol core: {} requests without memory in {} random conversations, "
                                   "no promise broken",
                                   failures, conversations));
}
