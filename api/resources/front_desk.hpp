// What holds for every route of the API: who may, where it runs, Idempotency-Key, ETag, the audit log.
//
//   control thread   identify, scope, project ─▶ handler in memory ─▶ answer
//   desk thread                               └▶ handler that waits for the store ─▶ answer
//   control thread                                 either └▶ the other nodes of the fleet asked
//   desk thread                                                  └▶ answers made one ─▶ answer
//
// A POST with an Idempotency-Key passes the desk's thread before and after its handler. The desk's thread
// takes one request after the other, so that handlers that change something never meet.
#pragma once

#include "api/resources/endpoint.hpp"
#include "api/resources/fan_out.hpp"
#include "api/resources/guard.hpp"
#include "api/resources/idempotency.hpp"
#include "api/store/store.hpp"
#include "common/telemetry/rate_limited_log.hpp"

#include <exception>
#include <functional>
#include <memory>

namespace turnix::api {

/// Runs pieces of work on one thread, in their order.
using runner = std::function<void(std::function<void()>)>;

struct lanes {
    runner control;
    runner desk;
};
/// Both on the thread that asks, at once: for tests, and for a process that serves nobody.
lanes inline_lanes();

class front_desk {
  public:
    /// What is referred to outlives the desk, and the desk what its lanes still run. `others` is null where
    /// this node is the only one.
    front_desk(guard& admission, store::store& records, lanes where, const fan_out* others = nullptr)
        : admission_{admission}, records_{records}, others_{others}, lanes_{std::move(where)} {}
    front_desk(const front_desk&) = delete;
    front_desk& operator=(const front_desk&) = delete;

    /// Makes the route's handler. Control thread.
    [[nodiscard]] http::handler serve(endpoint what);

  private:
    struct job;
    using job_pointer = std::shared_ptr<job>;

    [[nodiscard]] http::response admit(const endpoint& what, const http::request& asked,
                                       const http::context& with);
    void work_at_desk(const job_pointer& on);
    /// Is this node's own answer not yet the fleet's?
    [[nodiscard]] static bool is_open(const endpoint& what, const call& with, const http::response& own);
    /// Makes this node's own answer the fleet's.
    void ask_others(const job_pointer& on, const http::response& own);
    void finish(const job_pointer& on, http::response made);
    void work_under_key(const job_pointer& on);
    void work_in_memory(const job_pointer& on, const idempotency::ticket& under);
    void settle(const job_pointer& on, const idempotency::ticket& under, http::response made);
    [[nodiscard]] http::response run(const endpoint& what, const call& with);
    /// What the step makes, or the error that its failure is.
    template <class Step>
    [[nodiscard]] http::response guarded(const http::request& asked, Step step);
    void log_failure(const http::request& asked, const std::exception& fault) noexcept;
    /// Nothing for what changes nothing.
    void audit(const endpoint& what, const call& with, const http::response& made);

    guard& admission_;
    store::store& records_;
    const fan_out* others_;
    lanes lanes_;
    idempotency idempotency_{records_};
    telemetry::rate_limited_log failures_{"api"};
};

}  // namespace turnix::api
