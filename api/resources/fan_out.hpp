// Asks the other nodes of the fleet what this one was asked.
//
// Without gossip there are none. Control thread, but for is_joined.
#pragma once

#include "api/fleet/region_directory.hpp"
#include "api/http/message.hpp"
#include "api/model/token.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace turnix::api {

struct node_answer {
    std::string region;  ///< slug
    http::response answer;
};

struct others_answers {
    std::vector<node_answer> answers;  ///< those of success, and those that know nothing of it (404)
    /// Regions of which a node has not answered, in the order of the regions file.
    std::vector<std::string> away;
};

class fan_out {
  public:
    /// Asks one node, and calls `then` once, later and soon: with nothing when there is no answer.
    using asker = std::function<void(const gossip::node_id& node, const http::request& what,
                                     std::function<void(std::optional<http::response>)> then)>;

    /// `regions` outlives the object.
    explicit fan_out(const fleet::region_directory& regions) : regions_{regions} {}
    fan_out(const fan_out&) = delete;
    fan_out& operator=(const fan_out&) = delete;

    /// From here on there are others; before anything is served.
    void join(const gossip::node_id& own, asker ask);
    [[nodiscard]] bool is_joined() const noexcept { return static_cast<bool>(ask_); }

    /// Every node of the regions file that gossips, or of the region that the query names; `then` is called
    /// once, when all have answered, or the first with success where that is enough. Who is not heard in the
    /// gossip is not asked.
    void ask(const http::request& what, const model::principal& caller, bool first_is_enough,
             const std::function<void(const others_answers&)>& then) const;

  private:
    struct round;

    [[nodiscard]] std::vector<std::pair<std::string, gossip::node_id>> others_in(
        const std::string* region) const;

    const fleet::region_directory& regions_;
    gossip::node_id own_;
    asker ask_;
};

}  // namespace turnix::api
