#include "common/net/cidr.hpp"
#include "common/net/endpoint.hpp"
#include "common/net/sockaddr.hpp"

#include <catch2/catch.hpp>

using namespace turnix::net;

TEST_CASE("addresses are read and printed in their canonical text", "[net]") {
    const auto [text, printed] = GENERATE(table<const char*, const char*>({
        {"192.0.2.1", "192.0.2.1"},
        {"2001:DB8:0::1", "2001:db8::1"},
        {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
        {"::", "::"},
    }));
    CHECK(address::parse(text).value().to_string() == printed);
}

TEST_CASE("what is no address is refused", "[net]") {
    const auto* const text =
        GENERATE("", "1.2.3", "1.2.3.4.5", "01.2.3.4", "256.1.1.1", "[::1]", "::1%lo", "localhost",
                 "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc");
    CHECK(address::parse(text).has_error());
    CHECK(address::parse(std::string_view{"1.2.3.4\0x", 9}).has_error());
}

TEST_CASE("endpoints need a port, and brackets exactly around IPv6", "[net]") {
    CHECK(endpoint::parse("127.0.0.1:3478").value() ==
          endpoint{address{address::v4_bytes{127, 0, 0, 1}}, 3478});
    CHECK(endpoint::parse("[::1]:0").value().to_string() == "[::1]:0");
    const auto* const wrong = GENERATE("127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "::1:80",
                                       "[127.0.0.1]:80", "[::1]", "127.0.0.1:80x");
    CHECK(endpoint::parse(wrong).has_error());
}

TEST_CASE("a range contains exactly the addresses under its prefix", "[net]") {
    const auto range = cidr::parse("172.16.0.0/12").value();
    CHECK(range.contains(address::parse("172.16.0.0").value()));
    CHECK(range.contains(address::parse("172.31.255.255").value()));
    CHECK_FALSE(range.contains(address::parse("172.32.0.0").value()));
    CHECK_FALSE(range.contains(address::parse("::ffff:172.16.0.1").value()));
    CHECK(cidr::parse("::/0").value().contains(address::parse("2001:db8::1").value()));
    CHECK(cidr::parse("10.1.2.3").value().to_string() == "10.1.2.3/32");
}

TEST_CASE("a range with host bits, or longer than its address, is refused", "[net]") {
    CHECK(cidr::parse("10.0.0.1/8").error() == parse_error::host_bits_set);
    CHECK(cidr::parse("10.0.0.0/33").error() == parse_error::prefix_too_long);
    CHECK(cidr::parse("10.0.0.0/").error() == parse_error::not_a_prefix);
    CHECK(cidr::parse("10.0.0.0-10.1.0.0").error() == parse_error::not_a_prefix);
}

TEST_CASE("endpoints survive the kernel's form", "[net]") {
    const auto* const text = GENERATE("192.0.2.7:65535", "[2001:db8::7]:1");
    const auto original = endpoint::parse(text).value();
    sockaddr_storage kernel_form{};
    const auto length = to_sockaddr(original, kernel_form);
    CHECK(from_sockaddr(kernel_form, length) == original);
    CHECK_FALSE(from_sockaddr(kernel_form, 4).has_value());
}
