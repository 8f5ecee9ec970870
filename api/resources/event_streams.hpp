// GET /api/v1/events: what happens on this node as server-sent events, for as long as the caller listens.
//
// Control thread, but for on_event. A stream ends when its token loses a right, when its project goes, when
// its client reads too slowly, and when the node begins to drain. Limits: `streams_max` of a node,
// `streams_per_token_max`; what waits in one is bounded by http::server_limits.
// https://html.spec.whatwg.org/multipage/server-sent-events.html
#pragma once

#include "api/auth/tenant_directory.hpp"
#include "api/events/event.hpp"
#include "api/http/body_stream.hpp"
#include "api/resources/endpoint.hpp"
#include "api/resources/figures_book.hpp"
#include "api/resources/front_desk.hpp"
#include "api/resources/guard.hpp"
#include "common/telemetry/rate_limited_log.hpp"

#include <atomic>
#include <list>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace turnix::api {

class event_streams {
  public:
    static constexpr std::size_t streams_max = 64;
    static constexpr std::size_t streams_per_token_max = 8;
    /// A stream on which nothing else went for so long gets a comment.
    static constexpr std::chrono::seconds beat_interval{10};

    struct parts {
        const guard& admission;
        const auth::tenant_directory& tenants;
        runner control;
    };
    /// `from` outlives the object, and the object what its runner still runs.
    explicit event_streams(parts from) : parts_{std::move(from)} {}
    event_streams(const event_streams&) = delete;
    event_streams& operator=(const event_streams&) = delete;

    /// The object outlives them.
    [[nodiscard]] std::vector<endpoint> endpoints();

    /// To the streams of its project. Any thread.
    void on_event(const events::event& what);
    /// To every stream that wants figures.
    void on_moment(const moment& what, wall_time now);
    /// Again and again, every second or two: ends what must end, and keeps the others alive.
    void beat(wall_time now);

    [[nodiscard]] std::size_t open() const noexcept { return streams_.size(); }
    /// Any thread.
    [[nodiscard]] bool is_any_open() const noexcept { return is_any_open_.load(std::memory_order_relaxed); }
    /// How many were cut off because their clients did not keep up.
    [[nodiscard]] std::uint64_t cut_off() const noexcept { return cut_off_; }

  private:
    struct stream;

    [[nodiscard]] outcome listen(const call& asked);
    [[nodiscard]] std::optional<http::error> crowding(const token_id& token);
    void add(std::shared_ptr<stream> made, std::shared_ptr<http::body_stream> body);
    void deliver(const events::event& what, wall_time now);
    /// Nothing is sent to one whose caller may no longer see it: that one ends.
    void send(stream& to, std::string_view bytes, wall_time now);
    void drop_ended();

    parts parts_;
    std::list<std::shared_ptr<stream>> streams_;
    std::atomic<bool> is_any_open_{false};
    std::uint64_t cut_off_{0};
    bool draining_{false};
    telemetry::rate_limited_log too_slow_{"api"};
};

}  // namespace turnix::api
