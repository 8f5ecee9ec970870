#include "api/http/body.hpp"

#include <catch2/catch.hpp>

using namespace turnix::http;

namespace {

request with_body(std::string content_type, std::string body) {
    request made;
    if (!content_type.empty()) made.headers.add("content-type", std::move(content_type));
    made.body = std::move(body);
    return made;
}

std::string nested(std::size_t depth) {
    return R"({"a":)" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
}

}  // namespace

TEST_CASE("JSON members come with their types", "[http][body]") {
    const auto fields =
        read_json(R"({"s":"\u00fc","i":-60,"d":1.5,"big":18446744073709551615,"b":true,"n":null,)"
                  R"("a":["x"],"o":{"k":1}})")
            .value();
    const auto holds = [&](const char* name, auto expected) {
        const auto* const found = find_last(fields, name);
        return found != nullptr && std::get<decltype(expected)>(found->value) == expected;
    };
    CHECK(holds("s", std::string{"\xc3\xbc"}));
    CHECK(holds("i", std::int64_t{-60}));
    CHECK(holds("d", 1.5));
    CHECK(holds("big", 18446744073709551615.0));
    CHECK(holds("b", true));
    CHECK(holds("n", nullptr));
    const auto& items = std::get<body_value::array>(find_last(fields, "a")->value);
    CHECK(std::get<std::string>(items.at(0).value) == "x");
    const auto& members = std::get<body_value::object>(find_last(fields, "o")->value);
    CHECK(members.at(0).name == "k");
    CHECK(find_last(fields, "missing") == nullptr);
}

TEST_CASE("both of two equal keys are kept, and the last one is found", "[http][body]") {
    const auto fields = read_json(R"({"ttl":1,"room":"r","ttl":2})").value();
    CHECK(fields.size() == 3);
    CHECK(std::get<std::int64_t>(find_last(fields, "ttl")->value) == 2);
}

TEST_CASE("what is not one JSON object is malformed", "[http][body]") {
    const std::string text = GENERATE(values<std::string>(
        {"", " ", "{", "[]", "1", "null", "\"x\"", "{}{}", "{\"a\":1,}", "{a:1}", "{\"a\":\"\xff\"}",
         "{\"a\":\"\\ud800\"}", "{\"a\":01}", "\xef\xbb\xbf{", std::string{"{}\0", 3}}));
    CHECK(read_json(text).has_error());
}

TEST_CASE("JSON is read to a depth of 16 and no further", "[http][body]") {
    CHECK(read_json(nested(json_depth_max)).has_value());
    CHECK(read_json(nested(json_depth_max + 1)).has_error());
    CHECK(read_json(nested(8'000)).has_error());
}

TEST_CASE("forms are decoded, in order, plus signs as spaces", "[http][body]") {
    CHECK(read_form("room=a+b&ttl=60&&x&y=%26%3D&room=").value() ==
          std::vector<named_value>{{"room", "a b"}, {"ttl", "60"}, {"x", ""}, {"y", "&="}, {"room", ""}});
    CHECK(read_form("").value().empty());
    const auto* const broken = GENERATE("a=%", "a=%4", "%zz=1", "a=1&b=%g0", "a=%ff", "\xef=1");
    CHECK(read_form(broken).error().code == error_code::malformed);
}

TEST_CASE("the Content-Type says how the body is read", "[http][body]") {
    const auto [type, body, code] = GENERATE(table<const char*, const char*, int>({
        {"application/json", R"({"ttl":1})", 0},
        {"Application/JSON ; charset=utf-8", R"({"ttl":1})", 0},
        {"application/x-www-form-urlencoded;charset=UTF-8", "ttl=1", 0},
        {"application/json", "ttl=1", 400},
        {"application/x-www-form-urlencoded", "ttl=%", 400},
        {"text/plain;charset=UTF-8", R"({"ttl":1})", 415},
        {"application/jsonx", R"({"ttl":1})", 415},
        {"", R"({"ttl":1})", 415},
    }));
    const auto fields = read_body(with_body(type, body));
    CHECK((fields.has_value() ? 0 : status_of(fields.error().code)) == code);
    if (fields.has_value()) CHECK(fields->at(0).name == "ttl");
}

TEST_CASE("an empty body has no fields, whatever its type", "[http][body]") {
    const auto* const type = GENERATE("", "application/json", "text/plain");
    CHECK(read_body(with_body(type, "")).value().empty());
}
