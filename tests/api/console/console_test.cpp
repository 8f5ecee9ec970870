#include "api/console/console.hpp"

#include "api/console/asset.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>

using namespace turnix;

namespace {

http::request get(std::string path, http::header_fields headers = {}) {
    http::request asked;
    asked.path = std::move(path);
    asked.headers = std::move(headers);
    return asked;
}

std::string header(const http::response& of, std::string_view name) {
    const auto* const found = of.headers.find(name);
    return found == nullptr ? "" : *found;
}

const console::asset& script() {
    const auto found = std::ranges::find_if(
        console::assets(), [](const console::asset& each) { return each.name.ends_with(".js"); });
    REQUIRE(found != console::assets().end());
    return *found;
}

}  // namespace

TEST_CASE("the console has /console and what is below, and nothing beside it", "[console]") {
    const auto [path, expected] = GENERATE(table<const char*, bool>({{"/console", true},
                                                                     {"/console/", true},
                                                                     {"/console/rooms/standup", true},
                                                                     {"/consoles", false},
                                                                     {"/api/v1/regions", false},
                                                                     {"/", false}}));
    CHECK(console::is_console_path(path) == expected);
}

TEST_CASE("every page of the console is index.html, asked for anew each time", "[console]") {
    const auto* const path = GENERATE("/console", "/console/", "/console/sessions/0123", "/console/%2e%2e/x");
    const auto page = console::answer(get(path));
    CHECK(page.status == 200);
    CHECK(header(page, "Content-Type") == "text/html; charset=utf-8");
    CHECK(header(page, "Cache-Control") == "no-cache");
    CHECK(page.lasting_body.starts_with("<!doctype html>"));
}

TEST_CASE("the page may load its own files and nothing else, and has no script in it", "[console]") {
    const auto page = console::answer(get("/console"));
    const auto policy = header(page, "Content-Security-Policy");
    CHECK(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"));
    CHECK(policy.find("unsafe") == std::string::npos);
    CHECK(policy.find("frame-ancestors 'none'") != std::string::npos);
    CHECK(page.lasting_body.find("<style") == std::string::npos);
    CHECK(page.lasting_body.find("<script>") == std::string::npos);
    CHECK(page.lasting_body.find(" style=") == std::string::npos);
}

TEST_CASE("a file is named after its contents and kept for good", "[console]") {
    const auto& file = script();
    const auto made = console::answer(get("/console/files/" + std::string{file.name}));
    CHECK(made.status == 200);
    CHECK(made.lasting_body == file.plain);
    CHECK(header(made, "Content-Type") == "text/javascript; charset=utf-8");
    CHECK(header(made, "Cache-Control") == "public, max-age=31536000, immutable");
    CHECK(console::answer(get("/console/files/none.js")).status == 404);
    CHECK(console::answer(get("/console/files/")).status == 404);
    CHECK(console::answer(get("/console/files/../index.html")).status == 404);
}

TEST_CASE("a file is sent in the smallest encoding that the client takes", "[console]") {
    const auto& file = script();
    const auto [field, coding, body] = GENERATE_REF(table<const char*, const char*, std::string_view>(
        {{"gzip, br", "br", file.brotli}, {"gzip", "gzip", file.gzip}, {"identity", "", file.plain}}));
    const auto made =
        console::answer(get("/console/files/" + std::string{file.name}, {{"Accept-Encoding", field}}));
    CHECK(header(made, "Content-Encoding") == coding);
    CHECK(header(made, "Vary") == "Accept-Encoding");
    CHECK(made.lasting_body == body);
}

TEST_CASE("RFC 9110 13.1.2: a page that the client has as it is, is 304", "[console]") {
    const auto page = console::answer(get("/console", {{"Accept-Encoding", "gzip"}}));
    const auto etag = header(page, "ETag");
    REQUIRE_FALSE(etag.empty());
    const auto again = [&](const std::string& field, const char* encoding) {
        return console::answer(get("/console", {{"If-None-Match", field}, {"Accept-Encoding", encoding}}));
    };
    const auto current = again("\"other\", W/" + etag, "gzip");
    CHECK(current.status == 304);
    CHECK(current.lasting_body.empty());
    CHECK(header(current, "ETag") == etag);
    CHECK(again("\"other\"", "gzip").status == 200);
    // Each encoding is a representation of its own.
    CHECK(again(etag, "br").status == 200);
}

TEST_CASE("the console is read, and nothing else", "[console]") {
    auto asked = get("/console");
    asked.method = http::method::post;
    const auto refused = console::answer(asked);
    CHECK(refused.status == 405);
    CHECK(header(refused, "Allow") == "GET, HEAD");
    asked.method = http::method::head;
    CHECK(console::answer(asked).status == 200);
}
