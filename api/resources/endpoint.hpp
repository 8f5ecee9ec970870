// One route of the API as its resource describes it.
#pragma once

#include "api/http/error.hpp"
#include "api/http/router.hpp"
#include "api/model/token.hpp"
#include "api/resources/fan_out.hpp"
#include "common/net/result.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace turnix::api {

/// What a handler is told. The caller was admitted, and has the project that the request is about.
struct call {
    const http::request& request;
    const http::context& with;
    const model::principal& caller;

    [[nodiscard]] wall_time now() const noexcept { return with.now.wall; }
};

/// An error becomes the one shape of errors. What waits for the store may answer later, unless it is a POST.
using outcome = result<http::response, http::error>;

/// What a handler needs beside memory; it decides where the handler runs.
enum class work : std::uint8_t {
    in_memory,      ///< nothing: on the control thread
    reads_store,    ///< it may wait for the store: on the desk's thread
    changes_store,  ///< the same, and the audit log has a line of it
};

/// How the answer of a node becomes the fleet's. A node that is asked by another one answers for itself
/// alone, so that no request goes round.
struct fleet_rule {
    /// Can other nodes add to this node's own answer?
    std::function<bool(const call&, const http::response& own)> is_open;
    /// Made on the desk's thread, also when nobody was there to be asked.
    std::function<http::response(const call&, const http::response& own, const others_answers&)> merge;
    /// One of the others can know it, so that the first success ends the asking.
    bool first_is_enough{false};
};

struct endpoint {
    http::route where;
    std::optional<model::scope> scope;  ///< absent: any valid token may
    work needs{work::in_memory};
    std::function<outcome(const call&)> handle;
    std::optional<fleet_rule> fleet{};  ///< absent: this node alone answers
};

/// A handler out of an object and its member function.
template <class Resource, class Member>
std::function<outcome(const call&)> handler_of(Resource& on, Member member) {
    return [&on, member](const call& what) { return (on.*member)(what); };
}

}  // namespace turnix::api
