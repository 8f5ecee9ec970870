#include "tests/relay/turn/test_client.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <string>
#include <string_view>

using namespace turnix;
using namespace turnix::turn_test;

namespace {

using contract::load_step;

/// In the order of the steps: none, tls_waits, newcomers_refused, strangers_ignored.
using by_step = std::array<int, 4>;

constexpr std::array steps{load_step::none, load_step::tls_waits, load_step::newcomers_refused,
                           load_step::strangers_ignored};

constexpr auto peer_address = "9.9.9.9:5000";

/// What a request comes to at each step; each time in a node and with a client of its own.
template <class Ask>
by_step answers(const Ask& ask, net::transport over = net::transport::udp) {
    by_step codes{};
    for (std::size_t i = 0; i < steps.size(); ++i) {
        world node{[](auto& settings) { settings.mobility.enabled = true; }};
        test_client client{node, "198.51.100.7:40000", over};
        codes.at(i) = ask(node, client, steps.at(i)).code();
    }
    return codes;
}

/// Of a client that has an allocation when the step comes.
template <class Ask>
by_step answers_in_call(const Ask& ask) {
    return answers([&](world& node, test_client& client, load_step step) {
        client.allocate();
        node.admission.load().set(step);
        return ask(client);
    });
}

/// Of one that has none, and knows a nonce or does not.
template <class Ask>
by_step answers_outside(const Ask& ask, net::transport over = net::transport::udp, bool knows_nonce = true) {
    return answers(
        [&](world& node, test_client& client, load_step step) {
            if (knows_nonce) static_cast<void>(client.ask(method::refresh, {}));
            node.admission.load().set(step);
            return ask(client);
        },
        over);
}

}  // namespace

TEST_CASE("strangers are answered until 95 % of memory or descriptors, over each transport",
          "[turn][shedding]") {
    const auto over =
        GENERATE(net::transport::udp, net::transport::tcp, net::transport::tls, net::transport::dtls);
    CHECK(answers_outside([](auto& who) { return who.ask_unsigned(method::binding, {}); }, over) ==
          by_step{200, 200, 200, silence});
    CHECK(answers_outside([](auto& who) { return who.ask_unsigned(method::allocate, {udp()}); }, over) ==
          by_step{401, 401, 401, silence});
    CHECK(answers_outside([](auto& who) { return who.ask(method::allocate, {udp()}, {.password = "wrong"}); },
                          over) == by_step{401, 401, 401, silence});
    CHECK(answers_outside(
              [](auto& who) { return who.ask(method::allocate, {udp()}, {.nonce = "not of this node"}); },
              over) == by_step{438, 438, 438, silence});
    CHECK(answers_outside(
              [](auto& who) {
                  return who.ask(method::allocate, {udp()}, {.without = {attribute_type::realm}});
              },
              over) == by_step{400, 400, 400, silence});
}

TEST_CASE("newcomers get allocations until 90 %, and answers at every step", "[turn][shedding]") {
    CHECK(answers_outside([](auto& who) { return who.ask(method::allocate, {udp()}); }) ==
          by_step{success, success, 508, 508});
    CHECK(answers_outside([](auto& who) { return who.ask(method::allocate, {}); }) ==
          by_step{400, 400, 400, 400});
    CHECK(answers_outside([](auto& who) { return who.ask(method::refresh, {}); }) ==
          by_step{437, 437, 437, 437});
}

TEST_CASE("RFC 8656 7.2 step 11: from 90 % on newcomers are told of another node that there is",
          "[rfc8656][redirection][shedding]") {
    const auto ask = [](world& node, test_client& client, load_step step) {
        node.alternates.server = turn::alternate_server{.addresses = {at("203.0.113.1:3478")}, .domain = {}};
        static_cast<void>(client.ask(method::refresh, {}));
        node.admission.load().set(step);
        return client.ask(method::allocate, {udp()});
    };
    CHECK(answers(ask) == by_step{success, success, 300, 300});
}

TEST_CASE("who is in a call is served at every step", "[turn][shedding]") {
    constexpr by_step always{success, success, success, success};
    CHECK(answers_in_call([](auto& who) { return who.ask(method::refresh, {}); }) == always);
    CHECK(answers_in_call([](auto& who) { return who.permit(peer_address); }) == always);
    CHECK(answers_in_call([](auto& who) { return who.bind(0x4000, peer_address); }) == always);
    CHECK(answers_in_call([](auto& who) { return who.ask_unsigned(method::binding, {}); }) == always);
    // With a nonce that is none any more it would lose its call.
    CHECK(answers_in_call([](auto& who) {
              return who.ask(method::refresh, {}, {.nonce = "not of this node"});
          }) == by_step{438, 438, 438, 438});
    CHECK(answers_in_call([](auto& who) { return who.ask_unsigned(method::refresh, {}); }) ==
          by_step{401, 401, 401, 401});
}

TEST_CASE("a repeated Allocate has its answer at every step", "[turn][shedding]") {
    CHECK(answers([](world& node, test_client& client, load_step step) {
              static_cast<void>(client.ask(method::refresh, {}));
              const auto request = client.build(method::allocate, {udp()});
              static_cast<void>(client.send(request));
              node.admission.load().set(step);
              return answered::from(client.send(request));
          }) == by_step{success, success, success, success});
}

TEST_CASE("data passes both ways at every step", "[turn][shedding]") {
    const auto step = GENERATE(from_range(steps));
    world node;
    test_client client{node, "198.51.100.7:40000"};
    client.allocate();
    client.permit(peer_address);
    node.admission.load().set(step);
    client.bind(0x4000, peer_address);
    CHECK(std::holds_alternative<turn::to_peer>(client.send_channel_data(0x4000, "hello")));
    CHECK(std::holds_alternative<turn::to_peer>(client.send_indication({peer(peer_address), data("hello")})));
    CHECK(node.server.on_peer(node.now, {0}, at(peer_address), bytes_of("x")));
}

TEST_CASE("RFC 8016: a client that moves is answered at every step, one with a forged ticket is not",
          "[rfc8016][mobility][shedding]") {
    const auto ask = [](bool forges) {
        return [forges](world& node, test_client& client, load_step step) {
            auto ticket = client.allocate_mobile();
            node.admission.load().set(step);
            client.move_to("198.51.100.9:41000");
            if (forges) ticket.front() = ticket.front() == 'A' ? 'B' : 'A';
            return client.ask_unsigned(method::refresh, {raw(attribute_type::mobility_ticket, ticket)});
        };
    };
    CHECK(answers(ask(false)) == by_step{401, 401, 401, 401});
    CHECK(answers(ask(true)) == by_step{401, 401, 401, silence});
}

TEST_CASE("what is ignored is counted, and all are answered again when the load is gone",
          "[turn][shedding]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    node.admission.load().set(load_step::strangers_ignored);
    CHECK(client.ask_unsigned(method::binding, {}).code() == silence);
    CHECK(client.ask_unsigned(method::allocate, {udp()}).code() == silence);
    CHECK(node.drops(turn::drop_reason::overload) == 2);
    node.admission.load().set(load_step::none);
    client.allocate();
}
