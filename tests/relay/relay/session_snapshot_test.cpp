#include "relay/session_snapshot.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <functional>
#include <map>

using namespace turnix;
using contract::live_session;
using turn::worker_number;

namespace {

/// Workers that look one after the other; between two looks sessions move, begin and end.
class moving_sessions {
  public:
    session_id begin(worker_number at) {
        const auto id = session_id::random();
        has[at].push_back(id);
        mobility.settle(id, at);
        return id;
    }
    void end(const session_id& which) {
        for (auto& [at, sessions] : has) std::erase(sessions, which);
        mobility.forget(which);
    }
    void move(const session_id& which, worker_number to) {
        for (auto& [at, sessions] : has) std::erase(sessions, which);
        has[to].push_back(which);
        mobility.settle(which, to);
    }

    /// `after_look` is told who has just looked.
    std::vector<session_id> snapshot(const std::function<void(worker_number)>& after_look) {
        const auto seen = relay::all_sessions(3, mobility, [&](std::span<const worker_number> workers) {
            std::vector<live_session> found;
            for (const auto at : workers) {
                for (const auto& id : has[at]) found.emplace_back().id = id;
                after_look(at);
            }
            return found;
        });
        std::vector<session_id> ids;
        std::ranges::transform(seen, std::back_inserter(ids), &live_session::id);
        return ids;
    }

    turn::node_mobility mobility;
    std::map<worker_number, std::vector<session_id>> has;
};

}  // namespace

TEST_CASE("a session that moves while the workers look is in the snapshot once", "[relay][mobility]") {
    moving_sessions node;
    const auto stays = node.begin(1);
    const auto moves = node.begin(2);
    const auto looked = GENERATE(worker_number{0}, worker_number{1}, worker_number{2});
    const auto to = GENERATE(worker_number{0}, worker_number{1});
    const auto times = GENERATE(1, 5);
    int moved = 0;
    auto seen = node.snapshot([&](worker_number at) {
        // From one that has not looked yet to one that has, or the other way round; and on and on.
        if (at == looked && moved++ < times) node.move(moves, moved % 2 == 1 ? to : worker_number{2});
    });
    std::vector expected{stays, moves};
    std::ranges::sort(expected);
    CHECK(seen == expected);
}

TEST_CASE("a session that ends while it moves is looked for no longer", "[relay][mobility]") {
    moving_sessions node;
    const auto ends = node.begin(2);
    int looks = 0;
    const auto seen = node.snapshot([&](worker_number at) {
        ++looks;
        if (at == 0) node.end(ends);
    });
    CHECK(seen.empty());
    CHECK(looks == 3);
}

TEST_CASE("a session that nobody has does not hold up the snapshot for ever", "[relay][mobility]") {
    moving_sessions node;
    node.mobility.settle(session_id::random(), 1);
    const auto lives = node.begin(0);
    CHECK(node.snapshot([](worker_number) {}) == std::vector{lives});
}
