// Key rings of several nodes that tell each other what becomes of their keys.
#include "api/fleet/key_book.hpp"

#include "tests/common/config/temporary_directory.hpp"

#include <catch2/catch.hpp>

#include <deque>
#include <filesystem>
#include <utility>

using namespace turnix;
using namespace turnix::fleet;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

constexpr std::chrono::sys_seconds start{1'767'700'800s};

struct rings {
    static constexpr std::size_t nodes = 3;

    struct ring_node {
        std::filesystem::path file;
        std::unique_ptr<key_book> book;
        std::deque<gossip::fact> inbox;
        std::size_t changes{0};
        bool lives{true};
    };

    rings() {
        const auto first =
            credential::key_ring::generate({.monotonic = {}, .wall = start}, std::chrono::days{3650});
        for (std::size_t i = 0; i < nodes; ++i) {
            all[i].file = directory.path() / (std::to_string(i) + ".json");
            first.save(all[i].file);
            open(i);
        }
        settle();
    }
    static gossip::node_id id_of(std::size_t which) {
        gossip::node_id id;
        id.bytes[0] = static_cast<std::uint8_t>(1 + which);
        return id;
    }
    /// As a node that starts: from its file, and from what the others tell it.
    void open(std::size_t which) {
        auto& node = all[which];
        node.book = std::make_unique<key_book>(key_book::options{
            .file = node.file,
            .ring = std::make_shared<const credential::key_ring>(credential::key_ring::load(node.file)),
            .node = static_cast<std::uint16_t>(1 + which)});
        node.book->on_change([&node](const auto&) { ++node.changes; });
        node.book->join(
            {.self = id_of(which),
             .living =
                 [this, which] {
                     std::vector<gossip::node_id> found;
                     for (std::size_t i = 0; i < nodes; ++i) {
                         if (i != which && all[i].lives) found.push_back(id_of(i));
                     }
                     return found;
                 },
             .tell = [this, which](const gossip::fact& made) { tell(which, made); },
             .name_of = [](const gossip::node_id& id) { return "node " + std::to_string(id.bytes[0]); }});
        node.book->announce(now);
    }
    void tell(std::size_t from, const gossip::fact& made) {
        said.push_back(made);
        for (std::size_t to = 0; to < nodes; ++to) {
            if (to != from) all[to].inbox.push_back(made);
        }
    }
    /// Whatever is under way arrives.
    void settle() {
        for (bool is_quiet = false; !is_quiet;) {
            is_quiet = true;
            for (auto& each : all) {
                while (each.lives && !each.inbox.empty()) {
                    is_quiet = false;
                    each.book->take(std::exchange(each.inbox.front(), {}), now);
                    each.inbox.pop_front();
                }
            }
        }
    }
    key_state state(std::size_t which, credential::key_number number) {
        const auto& ring = all[which].book->ring();
        return state_of(*ring.find(number), ring, now);
    }

    tests::temporary_directory directory;
    wall_time now{start + 1h};
    std::array<ring_node, nodes> all;
    std::vector<gossip::fact> said;
};

}  // namespace

TEST_CASE_METHOD(rings, "a key is new on every node before any of them uses it, and then all do",
                 "[fleet][keys]") {
    auto& book = *all[0].book;
    REQUIRE(book.add(now) == 2);
    CHECK(book.lacking(*book.ring().find(2)) == std::vector<std::string>{"node 2", "node 3"});
    CHECK_THROWS_WITH(book.use(2, now, false), Contains("node 2, node 3"));
    settle();
    CHECK(book.lacking(*book.ring().find(2)).empty());
    for (std::size_t i = 0; i < nodes; ++i) CHECK(state(i, 2) == key_state::fresh);
    all[1].book->use(2, now, false);
    settle();
    for (std::size_t i = 0; i < nodes; ++i) {
        CHECK(state(i, 2) == key_state::active);
        CHECK(state(i, 1) == key_state::former);
        CHECK(credential::key_ring::load(all[i].file).current(now)->number == 2);
    }
}

TEST_CASE_METHOD(rings, "a node that does not live is not waited for, and takes over the key when it is back",
                 "[fleet][keys]") {
    all[2].lives = false;
    auto& book = *all[0].book;
    book.add(now);
    settle();
    book.use(2, now, false);
    settle();
    all[2].lives = true;
    open(2);
    settle();
    for (std::size_t i = 0; i < nodes; ++i) CHECK(state(i, 2) == key_state::active);
}

TEST_CASE_METHOD(rings, "force does not wait", "[fleet][keys]") {
    auto& book = *all[0].book;
    book.add(now);
    book.use(2, now, true);
    CHECK(state(0, 2) == key_state::active);
}

TEST_CASE_METHOD(rings, "a key is retired once nobody seals with it, and gone once it opens nothing",
                 "[fleet][keys]") {
    auto& book = *all[0].book;
    CHECK_THROWS_WITH(book.retire(1, 1h, now, false), Contains("active"));
    book.add(now);
    settle();
    book.use(2, now, false);
    CHECK_THROWS_WITH(book.retire(1, 1h, now, false), Contains("node 2, node 3"));
    settle();
    book.retire(1, 1h, now, false);
    settle();
    for (std::size_t i = 0; i < nodes; ++i) CHECK(state(i, 1) == key_state::retired);
    CHECK_THROWS_AS(all[1].book->use(1, now, false), key_refusal);
    now += 59min;
    for (auto& each : all) each.book->tick(now);
    for (auto& each : all) CHECK(each.book->ring().keys().size() == 2);
    now += 2min;
    for (auto& each : all) each.book->tick(now);
    for (auto& each : all) CHECK(each.book->ring().find(1) == nullptr);
    CHECK(credential::key_ring::load(all[2].file).keys().size() == 1);
}

TEST_CASE_METHOD(rings, "what is retired stays so, whatever is told late", "[fleet][keys]") {
    auto& book = *all[0].book;
    book.add(now);
    settle();
    const auto before = said;
    book.use(2, now, false);
    settle();
    book.retire(1, 1h, now, false);
    all[1].book->use(1, now + 1s, true);
    settle();
    for (const auto& each : before) tell(0, each);
    settle();
    for (std::size_t i = 0; i < nodes; ++i) {
        CHECK(state(i, 1) == key_state::retired);
        CHECK(state(i, 2) == key_state::active);
    }
}

TEST_CASE_METHOD(rings, "the key that was used before can be used again", "[fleet][keys]") {
    auto& book = *all[0].book;
    book.add(now);
    settle();
    for (const credential::key_number number : std::initializer_list<credential::key_number>{2, 1, 2, 1}) {
        book.use(number, now, false);
        settle();
        for (std::size_t i = 0; i < nodes; ++i) CHECK(state(i, number) == key_state::active);
    }
}

TEST_CASE_METHOD(rings, "of two keys of one number that nobody has used the later one counts everywhere",
                 "[fleet][keys]") {
    all[0].book->add(now);
    all[1].book->add(now + 1s);
    settle();
    const auto print = credential::fingerprint_of(*all[1].book->ring().find(2));
    for (auto& each : all) CHECK(credential::fingerprint_of(*each.book->ring().find(2)) == print);
}

TEST_CASE_METHOD(rings, "another secret never takes the place of a key that was in use", "[fleet][keys]") {
    auto stranger = credential::key_ring::make_key(1, now, std::chrono::days{1});
    stranger.version = std::uint64_t{1} << 60U;
    const auto before = credential::fingerprint_of(*all[0].book->ring().find(1));
    all[0].book->take(fact_of(stranger), now);
    CHECK(credential::fingerprint_of(*all[0].book->ring().find(1)) == before);
}

TEST_CASE_METHOD(rings,
                 "a ring whose file cannot be written changes by what others tell, not by what is made here",
                 "[fleet][keys]") {
    std::filesystem::remove_all(all[1].file);
    std::filesystem::create_directories(all[1].file / "in the way");
    CHECK_THROWS_AS(all[1].book->add(now), std::runtime_error);
    CHECK(all[1].book->ring().keys().size() == 1);
    all[0].book->add(now);
    settle();
    CHECK(state(1, 2) == key_state::fresh);
}

TEST_CASE("a key and what a node holds survive being told, and nothing shorter or longer is taken",
          "[fleet][keys]") {
    const wall_time now = start;
    auto key = credential::key_ring::make_key(9, now, std::chrono::days{30});
    key.used_at = start + 7s;
    key.version = 77;
    auto told = fact_of(key);
    const auto read = key_of(told);
    REQUIRE(read);
    CHECK(credential::fingerprint_of(*read) == credential::fingerprint_of(key));
    CHECK(read->number == 9);
    CHECK(read->used_at == key.used_at);
    CHECK(read->not_after == key.not_after);
    told.body.push_back({});
    CHECK_FALSE(key_of(told));
    told.body.resize(told.body.size() - 2);
    CHECK_FALSE(key_of(told));

    const auto ring =
        credential::key_ring::generate({.monotonic = {}, .wall = now}, std::chrono::days{1}).with(key);
    const auto held = held_by(rings::id_of(1), ring, now + 1min);
    CHECK(held.sealing == 9);
    auto fact = fact_of(held, 5);
    CHECK(held_keys_of(fact) == held);
    fact.body.pop_back();
    CHECK_FALSE(held_keys_of(fact));
}
