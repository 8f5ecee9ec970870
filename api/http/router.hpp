// From method and path to the handler: "/api/v1/tokens/{id}".
//
// Filled at start, immutable afterwards. Called on the thread that runs the server's io_context.
#pragma once

#include "api/http/message.hpp"
#include "common/clock/instant.hpp"
#include "common/telemetry/latency_histogram.hpp"
#include "common/telemetry/rate_limited_log.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace turnix::http {

/// What a handler is told beside the request.
struct context {
    instant now;
    std::vector<named_value> path_parameters;  ///< decoded, in the pattern's order

    /// The value of a parameter that the pattern names; the pattern guarantees it.
    [[nodiscard]] const std::string& path_parameter(std::string_view name) const;
};

/// Fast and without disk: it runs on the control thread.
using handler = std::function<response(const request&, const context&)>;

struct route {
    http::method method{http::method::get};
    std::string pattern;
};

/// How often a route has answered, and how long it took from the request to the answer, at some moment.
struct route_totals {
    route where;  ///< without pattern: what no route took
    /// By class of status: 2xx, 3xx, 4xx, 5xx.
    std::array<telemetry::latency_totals, 4> answers{};
};

class router {
  public:
    /// A pattern's segment is literal or `{name}`; no two routes may match the same request, which throws
    /// std::logic_error.
    void add(const route& where, handler call);

    /// `now` is when the request came. An exception of a handler is logged with the request id and answered
    /// with 500, for want of memory with 503. It throws std::bad_alloc, and nothing else, when there is none
    /// for the answer.
    [[nodiscard]] response answer(const request& asked, instant now) const;

    /// Every route, in the order in which it was added.
    [[nodiscard]] std::vector<route> routes() const;

    /// For every route, in the order in which they were added, and what no route took; answers that come
    /// later count when they come. Any thread.
    [[nodiscard]] std::vector<route_totals> totals() const;

  private:
    using answer_times =
        std::array<telemetry::latency_histogram, std::tuple_size_v<decltype(route_totals::answers)>>;

    struct entry {
        route where;
        std::vector<std::string> segments;
        handler call;
        std::unique_ptr<answer_times> answers{std::make_unique<answer_times>()};
    };

    /// Leaves in `counted_by` the counters of the route that takes it.
    [[nodiscard]] response dispatch(const request& asked, instant now, answer_times*& counted_by) const;
    static void count(const response& made, instant asked_at, answer_times& in) noexcept;

    std::vector<entry> entries_;
    std::unique_ptr<answer_times> not_taken_{std::make_unique<answer_times>()};
    mutable telemetry::rate_limited_log failures_{"api.http"};
};

}  // namespace turnix::http
