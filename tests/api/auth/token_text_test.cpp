#include "api/auth/token_text.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace turnix;
using namespace turnix::auth;

TEST_CASE("a minted token is parsed back to its id and its secret's digest", "[auth]") {
    std::set<std::string> texts;
    for (int round = 0; round < 200; ++round) {
        const auto id = token_id::random();
        const auto minted = mint_token(id);
        const auto parsed = parse_token(minted.text);
        REQUIRE(parsed.has_value());
        REQUIRE(parsed->id == id);
        REQUIRE(parsed->digest == minted.digest);
        texts.insert(minted.text.substr(37, 43));
    }
    CHECK(texts.size() == 200);
}

TEST_CASE("a token with a character changed, lost or added is malformed", "[auth]") {
    const auto text = mint_token(token_id::random()).text;
    REQUIRE(text.size() == 87);
    for (std::size_t position = 0; position < text.size(); ++position) {
        auto changed = text;
        changed[position] = changed[position] == '7' ? '8' : '7';
        REQUIRE_FALSE(parse_token(changed).has_value());
        REQUIRE_FALSE(parse_token(text.substr(0, position)).has_value());
        REQUIRE_FALSE(parse_token(std::string{text}.insert(position, 1, '0')).has_value());
    }
    CHECK_FALSE(parse_token(text + "0").has_value());
}
