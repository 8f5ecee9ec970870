#include "tests/relay/turn/test_client.hpp"

#include <catch2/catch.hpp>

#include <string_view>

using namespace turnix;
using namespace turnix::turn_test;
using namespace std::string_view_literals;
using stun::password_algorithm;

namespace {

constexpr auto sha256 = "\x00\x02\x00\x00"sv;
constexpr auto md5 = "\x00\x01\x00\x00"sv;
constexpr auto offer = "\x00\x02\x00\x00\x00\x01\x00\x00"sv;

const auto authenticated_methods = {method::allocate, method::refresh, method::create_permission,
                                    method::channel_bind};

}  // namespace

TEST_CASE("RFC 8489 9.2.4: 401 and 438 offer SHA-256 before MD5 under a nonce cookie that says so",
          "[rfc8489][authentication]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    for (const auto of : authenticated_methods) {
        for (const auto& answer : {client.ask_unsigned(of, {udp()}), client.ask(of, {udp()}, {.nonce = "x"}),
                                   client.ask(of, {udp()}, {.password = "guessed"})}) {
            CHECK(answer.text(attribute_type::password_algorithms) == offer);
            CHECK(answer.text(attribute_type::nonce).starts_with("obMatJos2AAAB"));
            CHECK_FALSE(answer.has(attribute_type::username));
            CHECK_FALSE(answer.has(attribute_type::userhash));
        }
    }
}

TEST_CASE("RFC 8489 9.2.4: a 400 has neither REALM nor NONCE", "[rfc8489][authentication]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    const auto answer =
        client.ask(method::allocate, {udp(), raw(attribute_type::password_algorithms, offer)});
    REQUIRE(answer.code() == 400);
    CHECK_FALSE(answer.has(attribute_type::realm));
    CHECK_FALSE(answer.has(attribute_type::nonce));
    CHECK_FALSE(answer.has(attribute_type::password_algorithms));
}

TEST_CASE("RFC 8489 9.2.4: who chooses from the offer is served, and answered with SHA-256",
          "[rfc8489][authentication]") {
    const auto algorithm = GENERATE(password_algorithm::sha256, password_algorithm::md5);
    world node;
    test_client client{node, "198.51.100.7:40000"};
    client.algorithm = algorithm;
    CHECK(client.key().size() == (algorithm == password_algorithm::sha256 ? 32U : 16U));

    const auto allocated = client.ask(method::allocate, {udp()});
    REQUIRE(allocated.code() == success);
    CHECK(allocated.is_sha256_signed_with(client.key()));
    for (const auto& answer : {client.permit("9.9.9.9:7"), client.bind(0x4000, "9.9.9.9:7"),
                               client.ask(method::refresh, {lifetime(0s)})}) {
        CHECK(answer.code() == success);
        CHECK(answer.is_sha256_signed_with(client.key()));
    }
    const auto refused = client.ask(method::refresh, {});
    CHECK(refused.code() == 437);
    CHECK(refused.is_sha256_signed_with(client.key()));
}

TEST_CASE("RFC 8489 9.2.4: who names no algorithm is answered as RFC 5389 does, MD5 and SHA-1",
          "[rfc8489][authentication]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    const auto answer = client.ask(method::allocate, {udp()});
    CHECK(answer.code() == success);
    CHECK(answer.is_signed_with(client.key()));
}

TEST_CASE("RFC 8489 9.2.4: the choice decides on the answer's integrity, whichever the request has",
          "[rfc8489][authentication]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    const auto unchosen =
        client.ask(method::allocate, {udp()}, {.signature = integrity_sha256(client.key())});
    CHECK(unchosen.code() == success);
    CHECK(unchosen.is_signed_with(client.key()));

    client.algorithm = password_algorithm::sha256;
    const attributes sha256_chosen{raw(attribute_type::password_algorithms, offer),
                                   raw(attribute_type::password_algorithm, sha256)};
    const auto chosen = client.ask(method::refresh, sha256_chosen, {.signature = integrity(client.key())});
    CHECK(chosen.code() == success);
    CHECK(chosen.is_sha256_signed_with(client.key()));
}

TEST_CASE("RFC 8489 9.2.4: of two integrities the SHA-256 one counts", "[rfc8489][authentication]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    const bytes wrong_key(16);
    CHECK(client.ask(method::allocate, {udp()}, {.after_integrity = {integrity_sha256(wrong_key)}}).code() ==
          401);
    CHECK(client
              .ask(method::allocate, {udp()},
                   {.password = "guessed", .after_integrity = {integrity_sha256(client.key())}})
              .code() == success);
}

TEST_CASE("RFC 8489 9.2.4: whoever touches the offer or the choice on the way is found out",
          "[rfc8489][authentication]") {
    struct row {
        std::string_view what;
        std::optional<std::string_view> offer;
        std::optional<std::string_view> choice;
        int code;
    };
    const auto each = GENERATE(values<row>({
        {"neither: a client that knows of no choice", std::nullopt, std::nullopt, success},
        {"the offer, and MD5 chosen from it", offer, md5, success},
        {"no choice", offer, std::nullopt, 400},
        {"no offer, MD5", std::nullopt, md5, 400},
        {"no offer, SHA-256", std::nullopt, sha256, 400},
        {"SHA-256 taken from the offer", md5, md5, 400},
        {"MD5 taken from the offer", sha256, sha256, 400},
        {"the offer in another order", "\x00\x01\x00\x00\x00\x02\x00\x00"sv, md5, 400},
        {"the offer with one more", "\x00\x02\x00\x00\x00\x01\x00\x00\x00\x03\x00\x00"sv, md5, 400},
        {"the offer with parameters",
         "\x00\x02\x00\x04"
         "abcd"
         "\x00\x01\x00\x00"sv,
         md5, 400},
        {"an empty offer", ""sv, md5, 400},
        {"a choice that was not offered", offer, "\x00\x03\x00\x00"sv, 400},
        {"a choice that cannot be read", offer, "\x00\x01"sv, 400},
    }));
    DYNAMIC_SECTION(each.what) {
        world node;
        test_client client{node, "198.51.100.7:40000"};
        attributes with{udp()};
        if (each.offer) with.push_back(raw(attribute_type::password_algorithms, *each.offer));
        if (each.choice) with.push_back(raw(attribute_type::password_algorithm, *each.choice));
        CHECK(client.ask(method::allocate, with).code() == each.code);
        // The order of the RFC: this comes before the password.
        CHECK(client.ask(method::refresh, with, {.password = "guessed"}).code() ==
              (each.code == 400 ? 400 : 401));
    }
}

TEST_CASE("RFC 8489 9.2.4: a nonce whose feature bits were cleared on the way is 438", "[rfc8489]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    client.allocate();
    auto without_bits = client.nonce;
    without_bits.replace(9, 4, "AAAA");
    for (const auto& changed : {without_bits, client.nonce.substr(13)}) {
        const auto answer = client.ask(method::refresh, {}, {.nonce = changed});
        CHECK(answer.code() == 438);
        CHECK(answer.text(attribute_type::nonce).starts_with("obMatJos2AAAB"));
    }
}

TEST_CASE("RFC 8489 9.2.4: the password comes before the age of a nonce, and a foreign nonce before both",
          "[rfc8489][authentication]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    client.allocate();
    node.now.monotonic += 2 * node.settings.nonce_lifetime;
    CHECK(client.ask(method::allocate, {udp()}, {.password = "guessed"}).code() == 401);
    CHECK(client.ask(method::allocate, {udp()}).code() == 438);
    CHECK(client.ask(method::allocate, {udp()}, {.password = "guessed", .nonce = "x"}).code() == 438);
}

TEST_CASE("RFC 8489 9.2.4: a USERHASH does not find a sealed username, and is not offered",
          "[rfc8489][authentication]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    const auto hash = raw(attribute_type::userhash, std::string(32, 'h'));
    CHECK(client.ask(method::allocate, {udp(), hash}, {.without = {attribute_type::username}}).code() == 401);
    CHECK(client.ask(method::allocate, {udp(), hash}).code() == success);
    CHECK(client.nonce.starts_with("obMatJos2AAAB"));
}

TEST_CASE("RFC 8489 14.6: a MAC that was cut short is no integrity", "[rfc8489][authentication]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    const auto cut = raw(attribute_type::message_integrity_sha256, std::string(16, 'm'));
    CHECK(client.ask(method::allocate, {udp()}, {.after_integrity = {cut}}).code() == 401);
}

TEST_CASE("RFC 8489 9.2.4: a client may choose another algorithm on a live allocation", "[authentication]") {
    world node;
    test_client client{node, "198.51.100.7:40000"};
    client.allocate();
    client.algorithm = password_algorithm::sha256;
    CHECK(client.ask(method::refresh, {}).is_sha256_signed_with(client.key()));
    client.algorithm.reset();
    CHECK(client.ask(method::refresh, {}).is_signed_with(client.key()));
}
