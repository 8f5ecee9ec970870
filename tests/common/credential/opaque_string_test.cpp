#include "common/credential/opaque_string.hpp"

#include <catch2/catch.hpp>

#include <optional>
#include <string>
#include <string_view>

using namespace turnix::credential;

TEST_CASE("RFC 8265 4.3: the examples of OpaqueString", "[rfc8265]") {
    const auto [text, prepared] = GENERATE(table<std::string, std::optional<std::string>>({
        {"correct horse battery staple", "correct horse battery staple"},
        {"Correct Horse Battery Staple", "Correct Horse Battery Staple"},
        {"\u03c0\u00df\u00e5", "\u03c0\u00df\u00e5"},
        {"Jack of \u2666s", "Jack of \u2666s"},
        {"foo\u1680bar", "foo bar"},
        {"", std::nullopt},
        {"my cat is a \u0009by", std::nullopt},
    }));
    CAPTURE(text);
    CHECK(opaque_string(text) == prepared);
}

TEST_CASE("RFC 8265 4.2.2: spaces become one kind, and what can be composed is", "[rfc8265]") {
    const auto [text, prepared] = GENERATE(table<std::string, std::string>({
        {"\u00a0\u2003\u3000", "   "},
        {"u\u0308ber", "\u00fcber"},
        {"A\u030a", "\u00c5"},
        {"\u212b", "\u00c5"},
        // Width and case stay, and so do compatibility characters.
        {"\uff21\u2168\u00aa", "\uff21\u2168\u00aa"},
        {"\u30de\u30c8\u30ea\u30c3\u30af\u30b9", "\u30de\u30c8\u30ea\u30c3\u30af\u30b9"},
        {"\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
         "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"},
        {"\U0001f40e", "\U0001f40e"},
    }));
    CAPTURE(text);
    CHECK(opaque_string(text) == prepared);
    CHECK(opaque_string(prepared) == prepared);
}

TEST_CASE("RFC 8264 8: what is outside of the FreeformClass is refused", "[rfc8264]") {
    const auto text =
        GENERATE(as<std::string>{}, "a\nb", "a\x7f", "\u0085", "The\u00adM", "\u0378", "\ufdd0", "\u1100",
                 "\u0640", "\u303b", "\u200b", "\ufeff", "\u2028", "\ue000", "\u115f");
    CAPTURE(text);
    CHECK_FALSE(opaque_string(text).has_value());
}

TEST_CASE("what is not UTF-8 is refused", "[rfc8265]") {
    const auto text =
        GENERATE(as<std::string>{}, "\xff", "a\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80");
    CAPTURE(text);
    CHECK_FALSE(opaque_string(text).has_value());
}
