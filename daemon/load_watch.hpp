// Looks once a second how much memory and how many descriptors are left, and says what the node does without
// while they run short: docs/security.md, "Overload". One log line for each change.
//
// The main thread looks; any other may ask for the figures and set the limit of memory.
#pragma once

#include "common/clock/instant.hpp"
#include "common/contract/load_step.hpp"
#include "common/telemetry/rate_limited_log.hpp"
#include "daemon/descriptor_gauge.hpp"
#include "daemon/load_ladder.hpp"
#include "daemon/memory_gauge.hpp"
#include "daemon/resource_use.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>

namespace turnix::daemon {

struct load_figures {
    contract::load_step step{contract::load_step::none};
    resource_use descriptors;
    resource_use memory;

    [[nodiscard]] const resource_use& scarcest() const noexcept {
        return memory.share() > descriptors.share() ? memory : descriptors;
    }
};

/// "new sessions are refused: 465 of 512 descriptors, 41 of 2048 MiB of memory; raise LimitNOFILE"
std::string to_line(const load_figures& figures);

class load_watch {
  public:
    using shedder = std::function<void(contract::load_step)>;

    /// `memory_mib_max` 0: what the kernel allows. `shed` is called on the thread that looks, whenever the
    /// step changes.
    load_watch(std::uint32_t memory_mib_max, shedder shed);

    void look(monotonic_time now) noexcept;
    [[nodiscard]] load_figures figures() const;
    /// From the next look on.
    void limit_memory(std::uint32_t memory_mib_max) noexcept { memory_mib_max_ = memory_mib_max; }

  private:
    [[nodiscard]] resource_use memory_now(monotonic_time now);
    void keep(const load_figures& seen);

    std::atomic<std::uint32_t> memory_mib_max_;
    shedder shed_;
    memory_gauge memory_;
    descriptor_gauge descriptors_;
    load_ladder ladder_;
    monotonic_time trim_at_{};  ///< when memory that is free is given back again
    telemetry::rate_limited_log failures_{"daemon"};
    mutable std::mutex guard_;
    load_figures figures_;
};

}  // namespace turnix::daemon
