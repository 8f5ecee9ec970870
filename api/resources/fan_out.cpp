#include "api/resources/fan_out.hpp"

#include "api/resources/page.hpp"
#include "api/resources/relayed_caller.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace turnix::api {

namespace {

bool is_success(const http::response& answer) noexcept { return answer.status < 300; }

bool is_answer(const http::response& answer) noexcept { return is_success(answer) || answer.status == 404; }

}  // namespace

struct fan_out::round {
    struct place {
        std::string region;
        std::optional<http::response> answer;
    };
    std::vector<place> places;
    std::size_t left{0};
    std::function<void(const others_answers&)> then;  ///< null once it is called

    /// Once; what comes afterwards counts for nothing.
    void finish() {
        if (!then) return;
        others_answers made;
        for (auto& [region, answer] : places) {
            if (answer && is_answer(*answer)) {
                made.answers.push_back({.region = region, .answer = std::move(*answer)});
            } else if (std::ranges::find(made.away, region) == made.away.end()) {
                made.away.push_back(region);
            }
        }
        std::exchange(then, nullptr)(made);
    }
};

void fan_out::join(const gossip::node_id& own, asker ask) {
    own_ = own;
    ask_ = std::move(ask);
}

void fan_out::ask(const http::request& what, const model::principal& caller, bool first_is_enough,
                  const std::function<void(const others_answers&)>& then) const {
    const auto others = others_in(find_parameter(what, "region"));
    const auto shared = std::make_shared<round>();
    shared->then = then;
    shared->left = 1;  // this call
    for (const auto& [region, id] : others) shared->places.push_back({.region = region, .answer = {}});
    const auto relayed = relayed_request(what, caller);
    for (std::size_t i = 0; i < others.size(); ++i) {
        if (!regions_.hears(others[i].second)) continue;
        ++shared->left;
        ask_(others[i].second, relayed, [shared, i, first_is_enough](std::optional<http::response> answer) {
            if (!shared->then) return;
            const bool is_last = --shared->left == 0;
            const bool is_enough = first_is_enough && answer && is_success(*answer);
            shared->places[i].answer = std::move(answer);
            if (is_last || is_enough) shared->finish();
        });
    }
    if (--shared->left == 0) shared->finish();
}

std::vector<std::pair<std::string, gossip::node_id>> fan_out::others_in(const std::string* region) const {
    std::vector<std::pair<std::string, gossip::node_id>> found;
    for (const auto& each : regions_.regions()) {
        if (region != nullptr && each.slug != *region) continue;
        for (const auto& node : each.nodes) {
            if (node.gossiper && node.gossiper->id != own_) found.emplace_back(each.slug, node.gossiper->id);
        }
    }
    return found;
}

}  // namespace turnix::api
