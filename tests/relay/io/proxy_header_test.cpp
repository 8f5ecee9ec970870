#include "relay/io/proxy_header.hpp"

#include "tests/relay/io/proxy_header_examples.hpp"

#include <catch2/catch.hpp>

#include <string_view>
#include <variant>
#include <vector>

using namespace turnix;
using io::proxy_error;
using test::proxy_header;
using bytes = std::vector<std::byte>;

namespace {

net::endpoint endpoint(const char* text) { return net::endpoint::parse(text).value(); }

bytes text(std::string_view of) {
    bytes list;
    for (const char each : of) list.push_back(static_cast<std::byte>(each));
    return list;
}

}  // namespace

TEST_CASE("PROXY protocol 2.2: a header names client and server, and its TLVs are skipped", "[io][proxy]") {
    const auto [client, server] = GENERATE(table<const char*, const char*>({
        {"192.0.2.1:50000", "198.51.100.7:443"},
        {"[2001:db8::1]:1", "[2001:db8::7]:65535"},
    }));
    const std::size_t tlv_bytes = GENERATE(0U, 1U, 500U);
    const auto header = proxy_header(endpoint(client), endpoint(server), tlv_bytes);
    const auto parsed = io::parse_proxy_header(header);
    REQUIRE(std::holds_alternative<io::proxy_header>(parsed));
    CHECK(std::get<io::proxy_header>(parsed).endpoints ==
          io::proxied_endpoints{.client = endpoint(client), .server = endpoint(server)});

    for (std::size_t size = 0; size < header.size(); ++size) {
        const auto partial = io::parse_proxy_header(std::span{header}.first(size));
        const auto* const more = std::get_if<io::proxy_need_more>(&partial);
        REQUIRE(more != nullptr);
        CHECK(more->bytes > 0);
        CHECK(more->bytes <= header.size() - size);
    }
}

TEST_CASE(
    "PROXY protocol 2.2: LOCAL, UNSPEC and families that are not relayed leave the connection's own "
    "endpoints",
    "[io][proxy]") {
    const auto parts = GENERATE(values<test::proxy_header_parts>({
        {.version_and_command = 0x20, .family_and_transport = 0x00},
        {.version_and_command = 0x20, .family_and_transport = 0x11, .body = bytes(12)},
        {.version_and_command = 0x20, .family_and_transport = 0x21},
        {.version_and_command = 0x21, .family_and_transport = 0x00, .body = bytes(7)},
        {.version_and_command = 0x21, .family_and_transport = 0x12, .body = bytes(12)},
        {.version_and_command = 0x21, .family_and_transport = 0x31, .body = bytes(216)},
    }));
    const auto parsed = io::parse_proxy_header(proxy_header(parts));
    REQUIRE(std::holds_alternative<io::proxy_header>(parsed));
    CHECK_FALSE(std::get<io::proxy_header>(parsed).endpoints);
}

TEST_CASE("what is no header of version 2 is refused, as soon as it shows", "[io][proxy]") {
    const auto [stream, error] = GENERATE(table<bytes, proxy_error>({
        {text("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n"), proxy_error::version_1},
        {text("PROXY"), proxy_error::version_1},
        {text("PROXX"), proxy_error::no_header},
        {text("\r\n\r\nX"), proxy_error::no_header},
        {text("\x16\x03\x01"), proxy_error::no_header},
        {proxy_header({.version_and_command = 0x11}), proxy_error::no_header},
        {proxy_header({.version_and_command = 0x22}), proxy_error::no_header},
        {proxy_header({.family_and_transport = 0x41}), proxy_error::no_header},
        {proxy_header({.family_and_transport = 0x13}), proxy_error::no_header},
        {proxy_header({.family_and_transport = 0x11, .body = bytes(11)}), proxy_error::no_header},
        {proxy_header({.family_and_transport = 0x21, .body = bytes(35)}), proxy_error::no_header},
        {proxy_header({.body = bytes(io::proxy_header_bytes_max - 15)}), proxy_error::no_header},
    }));
    const auto parsed = io::parse_proxy_header(stream);
    REQUIRE(std::holds_alternative<proxy_error>(parsed));
    CHECK(std::get<proxy_error>(parsed) == error);
}
