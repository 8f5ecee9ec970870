#include "tests/relay/turn/test_client.hpp"

#include <catch2/catch.hpp>

#include <set>
#include <string>

using namespace turnix;
using namespace turnix::turn_test;
using turn::drop_reason;

namespace {

bool is_silence(const turn::client_effect& effect) { return std::holds_alternative<turn::silence>(effect); }

// The whole message that a client gets: header, payload, padding.
bytes assembled(const turn::to_client& out, std::string_view payload) {
    bytes whole{out.header().begin(), out.header().end()};
    const auto body = bytes_of(payload);
    whole.insert(whole.end(), body.begin(), body.end());
    whole.resize(whole.size() + out.padding);
    return whole;
}

}  // namespace

TEST_CASE("RFC 8656 11.2: a Send indication leaves from the relay port to the peer", "[rfc8656][send]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    client.allocate();
    REQUIRE(client.permit("9.9.9.9:1").code() == success);
    const auto* const payload = GENERATE("hello", "");
    const auto effect = client.send_indication({peer("9.9.9.9:7"), data(payload)});
    REQUIRE(std::holds_alternative<turn::to_peer>(effect));
    const auto& sent = std::get<turn::to_peer>(effect);
    CHECK(sent.from == turn::relay_handle{0});
    CHECK(sent.peer == at("9.9.9.9:7"));
    CHECK(text_of(sent.payload) == payload);
    CHECK_FALSE(sent.dont_fragment);
}

TEST_CASE("RFC 8656 11.2: an incomplete or unpermitted Send indication is dropped", "[rfc8656][send]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    client.allocate();
    REQUIRE(client.permit("9.9.9.9:1").code() == success);
    const auto [with, reason] = GENERATE(table<attributes, drop_reason>({
        {{peer("9.9.9.9:7")}, drop_reason::malformed},
        {{data("x")}, drop_reason::malformed},
        {{raw(attribute_type::xor_peer_address, "1234"), data("x")}, drop_reason::malformed},
        {{peer("9.9.9.9:0"), data("x")}, drop_reason::malformed},
        {{peer("9.9.9.8:7"), data("x")}, drop_reason::no_permission},
        {{peer("[2a00::1]:7"), data("x")}, drop_reason::no_permission},
        {{peer("10.0.0.1:7"), data("x")}, drop_reason::peer_denied},
        {{peer("9.9.9.9:7"), data("x"), raw(static_cast<attribute_type>(0x7abc), "1234")},
         drop_reason::unknown_attribute},
    }));
    CHECK(is_silence(client.send_indication(with)));
    CHECK(node.drops(reason) == 1);
}

TEST_CASE("RFC 8656 5: data without an allocation is silence", "[rfc8656][send]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    CHECK(is_silence(client.send_indication({peer("9.9.9.9:7"), data("x")})));
    CHECK(is_silence(client.send_channel_data(0x4000, "x")));
    CHECK_FALSE(node.server.on_peer(node.now, {0}, at("9.9.9.9:7"), bytes_of("x")));
    CHECK_FALSE(node.server.on_peer(node.now, {99'999}, at("9.9.9.9:7"), bytes_of("x")));
    CHECK(node.drops(drop_reason::unknown_allocation) == 4);
}

TEST_CASE("RFC 8656 12.6: channel data leaves from the relay port to the channel's peer",
          "[rfc8656][channel]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    client.allocate();
    REQUIRE(client.bind(0x4000, "9.9.9.9:7").code() == success);
    const auto [text, payload] = GENERATE(table<std::string, std::string>({
        {{"\x40\x00\x00\x05hello", 9}, "hello"},
        {{"\x40\x00\x00\x05hello\x00\x00\x00", 12}, "hello"},
        {{"\x40\x00\x00\x00", 4}, ""},
    }));
    const auto message = bytes_of(text);
    const auto effect = client.send(message);
    REQUIRE(std::holds_alternative<turn::to_peer>(effect));
    const auto& sent = std::get<turn::to_peer>(effect);
    CHECK(sent.from == turn::relay_handle{0});
    CHECK(sent.peer == at("9.9.9.9:7"));
    CHECK(text_of(sent.payload) == payload);
    CHECK(sent.payload.data() == message.data() + 4);
}

TEST_CASE("RFC 8656 12.6: channel data that claims more than it has, or on no channel, is dropped",
          "[rfc8656][channel]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    client.allocate();
    REQUIRE(client.bind(0x4000, "9.9.9.9:7").code() == success);
    const auto [text, reason] = GENERATE(table<std::string, drop_reason>({
        {{"\x40\x00\x00\x06hello", 9}, drop_reason::malformed},
        {{"\x40\x00\xff\xffhello", 9}, drop_reason::malformed},
        {{"\x40\x00\x00", 3}, drop_reason::malformed},
        {{"\x40\x01\x00\x05hello", 9}, drop_reason::unknown_channel},
    }));
    CHECK(is_silence(client.send(bytes_of(text))));
    CHECK(node.drops(reason) == 1);
}

TEST_CASE("RFC 8656 11.3: without a channel a peer's datagram is a Data indication", "[rfc8656][data]") {
    world node;
    const auto over = GENERATE(net::transport::udp, net::transport::tcp);
    const auto [own_family, from, header_bytes] = GENERATE(table<std::uint8_t, const char*, int>({
        {std::uint8_t{1}, "9.9.9.9:7", 36},
        {std::uint8_t{2}, "[2a00::1]:7", 48},
    }));
    test_client client{node, "198.51.100.7:40000", over};
    client.allocate({family(own_family)});
    REQUIRE(client.permit(from).code() == success);
    const auto* const payload = GENERATE("", "a", "abcd", "hello");

    const auto out = node.server.on_peer(node.now, {0}, at(from), bytes_of(payload));
    REQUIRE(out);
    CHECK(out->path == client.path);
    CHECK(out->path.handle == client.path.handle);
    CHECK(out->header_bytes == header_bytes);
    const auto whole = assembled(*out, payload);
    const auto message = stun::message_view::parse(whole).value();
    CHECK(message.header().method == method::data);
    CHECK(message.header().message_class == stun::message_class::indication);
    CHECK(stun::decode_xor_address(message.find(attribute_type::xor_peer_address).value(),
                                   message.header().transaction_id) == at(from));
    CHECK(text_of(message.find(attribute_type::data).value()) == payload);
}

TEST_CASE("RFC 8656 12.7: with a channel it is ChannelData, padded over streams only", "[rfc8656][channel]") {
    world node;
    const auto [over, padding] = GENERATE(table<net::transport, int>({
        {net::transport::udp, 0},
        {net::transport::dtls, 0},
        {net::transport::tcp, 3},
        {net::transport::tls, 3},
    }));
    test_client client{node, "198.51.100.7:40000", over};
    client.allocate();
    REQUIRE(client.bind(0x4abc, "9.9.9.9:7").code() == success);
    const auto out = node.server.on_peer(node.now, {0}, at("9.9.9.9:7"), bytes_of("hello"));
    REQUIRE(out);
    CHECK(text_of(out->header()) == std::string{"\x4a\xbc\x00\x05", 4});
    CHECK(out->padding == padding);

    const auto other_port = node.server.on_peer(node.now, {0}, at("9.9.9.9:8"), bytes_of("hello"));
    REQUIRE(other_port);
    CHECK(other_port->header_bytes == 36);
}

TEST_CASE("RFC 8656 11.3: data of a peer without permission is dropped", "[rfc8656][data]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    client.allocate();
    REQUIRE(client.permit("9.9.9.9:7").code() == success);
    CHECK_FALSE(node.server.on_peer(node.now, {0}, at("9.9.9.8:7"), bytes_of("x")));
    CHECK(node.drops(drop_reason::no_permission) == 1);
}

TEST_CASE(
    "RFC 8656 11.3: a datagram too long for a Data indication is dropped, never sent without its header",
    "[data]") {
    world node;
    test_client client{node, "198.51.100.7:40000", net::transport::tcp};
    client.allocate({family(2)});
    REQUIRE(client.permit("[2a00::1]:7").code() == success);
    const bytes longest(65'504);
    const bytes too_long(65'505);
    CHECK(node.server.on_peer(node.now, {0}, at("[2a00::1]:7"), longest)->header_bytes == 48);
    CHECK_FALSE(node.server.on_peer(node.now, {0}, at("[2a00::1]:7"), too_long));
    CHECK(node.drops(drop_reason::too_long) == 1);
    CHECK(node.totals().relayed.downlink_packets == 1);
}

TEST_CASE("transaction ids of Data indications differ", "[data]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    client.allocate();
    REQUIRE(client.permit("9.9.9.9:7").code() == success);
    std::set<std::string> headers;
    for (int i = 0; i < 500; ++i) {
        headers.insert(text_of(node.server.on_peer(node.now, {0}, at("9.9.9.9:7"), {})->header().first(20)));
    }
    CHECK(headers.size() == 500);
}

TEST_CASE("relayed payload is counted each way", "[data][counters]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    client.allocate();
    REQUIRE(client.bind(0x4000, "9.9.9.9:7").code() == success);
    static_cast<void>(client.send_channel_data(0x4000, "hello"));
    static_cast<void>(client.send_indication({peer("9.9.9.9:7"), data("abc")}));
    static_cast<void>(client.send_channel_data(0x4001, "dropped"));
    static_cast<void>(node.server.on_peer(node.now, {0}, at("9.9.9.9:7"), bytes_of("four")));
    CHECK(node.totals().relayed ==
          contract::traffic_counters{
              .uplink_packets = 2, .uplink_bytes = 8, .downlink_packets = 1, .downlink_bytes = 4});
}

TEST_CASE("RFC 8656 7.2 step 4 and 11.2: DONT-FRAGMENT is served, and holds for the Send that carries it",
          "[rfc8656][data]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    const auto dont_fragment = raw(attribute_type::dont_fragment, "");
    client.allocate({dont_fragment});
    REQUIRE(client.bind(0x4000, "9.9.9.9:7").code() == success);
    const auto is_set = [](const turn::client_effect& effect) {
        return std::get<turn::to_peer>(effect).dont_fragment;
    };
    CHECK(is_set(client.send_indication({peer("9.9.9.9:7"), dont_fragment, data("payload")})));
    CHECK_FALSE(is_set(client.send_indication({peer("9.9.9.9:7"), data("payload")})));
    CHECK_FALSE(is_set(client.send_channel_data(0x4000, "payload")));
}

TEST_CASE("RFC 8656 11.5: an ICMP error about a permitted peer is told with the ICMP attribute and no DATA",
          "[rfc8656][data]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    client.allocate({additional_family(2)});
    const auto [peer_text, handle, error, told] =
        GENERATE(table<const char*, std::uint32_t, stun::icmp_error, std::string>({
            {"9.9.9.9:7", 0U, {.type = 3, .code = 3, .data = 99}, {"\0\0\x06\x03\0\0\0\0", 8}},
            {"9.9.9.9:7", 0U, {.type = 3, .code = 4, .data = 1280}, {"\0\0\x06\x04\0\0\x05\0", 8}},
            {"9.9.9.9:7", 0U, {.type = 11, .code = 0, .data = 0}, {"\0\0\x16\0\0\0\0\0", 8}},
            {"[2a00::1]:7", 1U, {.type = 1, .code = 4, .data = 99}, {"\0\0\x02\x04\0\0\0\0", 8}},
            {"[2a00::1]:7", 1U, {.type = 2, .code = 0, .data = 1280}, {"\0\0\x04\0\0\0\x05\0", 8}},
            {"[2a00::1]:7", 1U, {.type = 3, .code = 1, .data = 0}, {"\0\0\x06\x01\0\0\0\0", 8}},
        }));
    REQUIRE(client.permit(peer_text).code() == success);
    const auto notice = node.server.on_peer_error(node.now, {handle}, at(peer_text), error);
    REQUIRE(notice.has_value());
    CHECK(notice->path == client.path);
    const auto message = stun::message_view::parse(notice->message).value();
    CHECK(message.header().method == method::data);
    CHECK(message.header().message_class == stun::message_class::indication);
    CHECK(stun::decode_xor_address(message.find(attribute_type::xor_peer_address).value(),
                                   message.header().transaction_id) == at(peer_text));
    CHECK(text_of(message.find(attribute_type::icmp).value()) == told);
    CHECK_FALSE(message.has(attribute_type::data));
}

TEST_CASE("RFC 8656 11.5: ICMP errors of other types, without permission or without allocation are dropped",
          "[rfc8656][data]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    client.allocate({additional_family(2)});
    REQUIRE(client.permit("9.9.9.9:7").code() == success);
    REQUIRE(client.permit("[2a00::1]:7").code() == success);
    const auto [peer_text, handle, type, reason] =
        GENERATE(table<const char*, std::uint32_t, std::uint8_t, drop_reason>({
            {"9.9.9.9:7", 0U, std::uint8_t{0}, drop_reason::icmp_not_told},
            {"9.9.9.9:7", 0U, std::uint8_t{4}, drop_reason::icmp_not_told},
            {"9.9.9.9:7", 0U, std::uint8_t{12}, drop_reason::icmp_not_told},
            {"[2a00::1]:7", 1U, std::uint8_t{4}, drop_reason::icmp_not_told},
            {"[2a00::1]:7", 1U, std::uint8_t{11}, drop_reason::icmp_not_told},
            {"9.9.9.8:7", 0U, std::uint8_t{3}, drop_reason::no_permission},
            {"192.0.2.1:3478", 0U, std::uint8_t{3}, drop_reason::peer_denied},
            {"9.9.9.9:7", 9U, std::uint8_t{3}, drop_reason::unknown_allocation},
        }));
    const stun::icmp_error error{.type = type, .code = 0, .data = 0};
    CHECK_FALSE(node.server.on_peer_error(node.now, {handle}, at(peer_text), error).has_value());
    CHECK(node.drops(reason) == 1);
}

TEST_CASE("RFC 8656 11.5: ICMP errors are told at a limited rate for each allocation", "[data]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    test_client other{node, "198.51.100.7:40001"};
    client.allocate();
    other.allocate();
    REQUIRE(client.permit("9.9.9.9:7").code() == success);
    REQUIRE(other.permit("9.9.9.9:7").code() == success);
    const auto told = [&](std::uint32_t handle, int times) {
        int count = 0;
        for (int i = 0; i < times; ++i) {
            count += node.server.on_peer_error(node.now, {handle}, at("9.9.9.9:7"), {3, 3, 0}) ? 1 : 0;
        }
        return count;
    };
    CHECK(told(0, 100) == 20);
    node.jump(1s);
    CHECK(told(0, 100) == 10);
    CHECK(told(1, 100) == 20);
}
