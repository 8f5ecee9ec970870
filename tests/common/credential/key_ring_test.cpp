#include "common/credential/key_ring.hpp"

#include "tests/common/credential/examples.hpp"

#include <catch2/catch.hpp>

#include <fstream>

using namespace turnix;
using namespace turnix::credential;
using Catch::Matchers::Contains;

namespace {

namespace fs = std::filesystem;

key_ring ring_at_noon() {
    return key_ring::generate({.monotonic = {}, .wall = tests::noon}, std::chrono::days{30});
}

std::string secret_text() { return std::string(43, 'A'); }

}  // namespace

TEST_CASE("a key ring survives its file, which only its owner can read", "[credential]") {
    const tests::temporary_directory directory;
    const auto file = directory.path() / "keys.json";
    const auto saved = ring_at_noon();
    saved.save(file);
    CHECK(fs::status(file).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
    const auto loaded = key_ring::load(file);
    REQUIRE(loaded.keys().size() == 1);
    const auto& key = loaded.keys().front();
    CHECK(std::ranges::equal(key.seal.bytes(), saved.keys().front().seal.bytes()));
    CHECK(std::ranges::equal(key.password.bytes(), saved.keys().front().password.bytes()));
    CHECK(key.not_after == tests::noon + std::chrono::days{30});
    CHECK(std::distance(fs::directory_iterator{file.parent_path()}, {}) == 1);
}

TEST_CASE("saving replaces a ring whole and repairs its mode", "[credential]") {
    const tests::temporary_directory directory;
    const auto file = directory.path() / "keys.json";
    std::ofstream{file} << "old";
    std::ofstream{file.string() + ".new"} << "left behind by an interrupted write";
    fs::permissions(file, fs::perms::all);
    ring_at_noon().save(file);
    CHECK(key_ring::load(file).keys().size() == 1);
}

TEST_CASE("each purpose has a key of its own", "[credential]") {
    const auto ring = ring_at_noon();
    const auto& key = ring.keys().front();
    CHECK_FALSE(std::ranges::equal(key.password.bytes(), key.identifier.bytes()));
    CHECK_FALSE(std::ranges::equal(key.password.bytes(), key.seal.bytes().first<32>()));
    CHECK_FALSE(std::ranges::equal(key.password.bytes(), key.root.bytes()));
}

TEST_CASE("a key ring that others may read is refused with the remedy", "[credential]") {
    const tests::temporary_directory directory;
    const auto file = directory.path() / "keys.json";
    ring_at_noon().save(file);
    const auto mode = GENERATE(0640U, 0604U, 0620U, 0602U, 0777U);
    fs::permissions(file, fs::perms{mode});
    CHECK_THROWS_WITH(key_ring::load(file), Contains(file.string()) && Contains("chmod 600"));
}

TEST_CASE("a key ring that is missing or no file is refused by name", "[credential]") {
    const tests::temporary_directory directory;
    CHECK_THROWS_WITH(key_ring::load(directory.path() / "none"),
                      Contains((directory.path() / "none").string()));
    CHECK_THROWS_WITH(key_ring::load(directory.path() / ""), Contains("not a regular file"));
    CHECK_THROWS_WITH(ring_at_noon().save(directory.path() / "no/where"), Contains("cannot be created"));
}

TEST_CASE("a malformed key ring is refused with its fault and without its secret", "[credential]") {
    const auto one_key = [](const std::string& members) { return R"({"keys":[{)" + members + "}]}"; };
    const auto dates = std::string{R"("not_before":1,"not_after":2)"};
    const auto secret = R"("secret":")" + secret_text() + '"';
    const auto whole = R"("number":1,)" + dates + "," + secret;
    const std::vector<std::pair<std::string, std::string>> cases{
        {"", "is not JSON"},
        {"{", "is not JSON"},
        {"[]", "has no list"},
        {R"({"keys":{}})", "has no list"},
        {R"({"keys":[]})", "holds 0 keys"},
        {R"({"keys":[7]})", "is not an object"},
        {one_key(dates + "," + secret), "no \"number\""},
        {one_key(R"("number":65536,)" + dates + "," + secret), "\"number\" is not an integer"},
        {one_key(R"("number":-1,)" + dates + "," + secret), "\"number\" is not an integer"},
        {one_key(R"("number":"1",)" + dates + "," + secret), "\"number\" is not an integer"},
        {one_key(R"("number":1,"not_before":2,"not_after":2,)" + secret), "not later"},
        {one_key(R"("number":1,"not_before":2,"not_after":99999999999,)" + secret), "\"not_after\" is not"},
        {one_key(R"("number":1,)" + dates), "no \"secret\""},
        {one_key(R"("number":1,)" + dates + R"(,"secret":"AAAA")"), "not 32 bytes"},
        {one_key(R"("number":1,)" + dates + R"(,"secret":")" + secret_text() + R"(=")"), "not 32 bytes"},
        {R"({"keys":[{)" + whole + "},{" + whole + "}]}", "two keys with the number 1"},
    };
    const tests::temporary_directory directory;
    const auto file = directory.path() / "keys.json";
    for (const auto& [text, fault] : cases) {
        DYNAMIC_SECTION(text) {
            write_private_file(file, text);
            CHECK_THROWS_WITH(key_ring::load(file),
                              Contains(file.string()) && Contains(fault) && !Contains(secret_text()));
        }
    }
}

TEST_CASE("identifiers have one text each", "[credential]") {
    const auto id = project_id::random();
    CHECK(id.to_string().size() == 32);
    CHECK(project_id::parse(id.to_string()) == id);
    CHECK(project_id::random() != id);
    const auto text = GENERATE("", "0123456789abcdef0123456789abcde", "0123456789abcdef0123456789abcdefa",
                               "0123456789ABCDEF0123456789abcdef", "0123456789abcdef0123456789abcdeg");
    CHECK_FALSE(project_id::parse(text).has_value());
}

TEST_CASE("of the keys in date the one that was taken into use last seals, and a new or retired one never",
          "[credential]") {
    const auto first = ring_at_noon();
    auto second = key_ring::make_key(2, tests::noon, std::chrono::days{30});
    const auto sealing = [](const key_ring& ring) {
        return ring.current(tests::noon + std::chrono::hours{2});
    };
    auto ring = first.with(second);
    CHECK(sealing(ring)->number == 1);
    second.used_at = tests::noon + std::chrono::hours{1};
    ring = ring.with(second);
    CHECK(ring.keys().size() == 2);
    CHECK(sealing(ring)->number == 2);
    CHECK(ring.newest_in_use()->number == 2);
    SECTION("until it is retired") {
        second.retired = true;
        CHECK(sealing(ring.with(second))->number == 1);
    }
    SECTION("until the other one is used again") {
        auto again = *ring.find(1);
        again.used_at = tests::noon + std::chrono::hours{2};
        CHECK(sealing(ring.with(again))->number == 1);
    }
}

TEST_CASE("what became of a key survives the file, and a retired one goes when it opens nothing",
          "[credential]") {
    const tests::temporary_directory directory;
    const auto file = directory.path() / "keys.json";
    auto fresh = key_ring::make_key(2, tests::noon, std::chrono::days{30});
    fresh.version = 7;
    auto retired = key_ring::make_key(3, tests::noon, std::chrono::days{1});
    retired.used_at = tests::noon + std::chrono::seconds{5};
    retired.retired = true;
    ring_at_noon().with(fresh).with(retired).save(file);
    const auto loaded = key_ring::load(file);
    CHECK(loaded.find(1)->used_at == loaded.find(1)->not_before);
    CHECK_FALSE(loaded.find(2)->used_at);
    CHECK(loaded.find(2)->version == 7);
    CHECK(loaded.find(3)->used_at == retired.used_at);
    CHECK(loaded.find(3)->retired);
    CHECK(fingerprint_of(*loaded.find(3)) == fingerprint_of(retired));
    CHECK(fingerprint_of(fresh) != fingerprint_of(retired));
    CHECK(loaded.without_outlived(tests::noon + std::chrono::days{1}).find(3) != nullptr);
    CHECK(loaded.without_outlived(tests::noon + std::chrono::days{2}).find(3) == nullptr);
    CHECK(loaded.without_outlived(tests::noon + std::chrono::days{60}).keys().size() == 2);
}
