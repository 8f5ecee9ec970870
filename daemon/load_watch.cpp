#include "daemon/load_watch.hpp"

#include "common/telemetry/log.hpp"

#include <fmt/format.h>

#include <chrono>
#include <exception>
#include <string_view>
#include <utility>

#include <malloc.h>

namespace turnix::daemon {
namespace {

using contract::load_step;

/// What the allocator has free it keeps, and the kernel counts it; to give it back takes a look at all of it.
constexpr std::chrono::seconds trim_interval{5};
constexpr double trimmed_from = 0.75;

std::uint64_t bytes_of(std::uint32_t mib) noexcept { return std::uint64_t{mib} << 20U; }

std::string_view meaning_of(load_step step) noexcept {
    switch (step) {
        case load_step::none:
            return "memory and descriptors suffice again";
        case load_step::tls_waits:
            return "new TLS and DTLS clients wait";
        case load_step::newcomers_refused:
            return "new sessions are refused";
        case load_step::strangers_ignored:
            return "new sessions are refused and strangers ignored";
    }
    return "unknown";
}

}  // namespace

std::string to_line(const load_figures& figures) {
    const auto& [step, descriptors, memory] = figures;
    auto line = fmt::format("{}: {} of {} descriptors, {} of {} MiB of memory", meaning_of(step),
                            descriptors.used, descriptors.limit, memory.used >> 20U, memory.limit >> 20U);
    if (step != load_step::none) line += fmt::format("; raise {}", figures.scarcest().bound_by);
    return line;
}

load_watch::load_watch(std::uint32_t memory_mib_max, shedder shed)
    : memory_mib_max_{memory_mib_max}, shed_{std::move(shed)} {}

void load_watch::look(monotonic_time now) noexcept try {
    load_figures seen{.step = {}, .descriptors = descriptors_.now(), .memory = memory_now(now)};
    seen.step = ladder_.heed(seen.scarcest().share());
    const auto before = figures().step;
    // What has failed is tried again at the next look.
    if (seen.step != before) shed_(seen.step);
    keep(seen);
    if (seen.step == before) return;
    const auto level = seen.step > before ? spdlog::level::warn : spdlog::level::info;
    telemetry::logger("daemon").log(level, "{}", to_line(seen));
} catch (const std::exception& error) {
    failures_.warn("memory and descriptors cannot be looked at: {}", error.what());
}

void load_watch::keep(const load_figures& seen) {
    const std::lock_guard lock{guard_};
    figures_ = seen;
}

resource_use load_watch::memory_now(monotonic_time now) {
    const auto limit = bytes_of(memory_mib_max_);
    const auto seen = memory_.now(limit);
    if (seen.share() < trimmed_from || now < trim_at_) return seen;
    trim_at_ = now + trim_interval;
    ::malloc_trim(0);
    return memory_.now(limit);
}

load_figures load_watch::figures() const {
    const std::lock_guard lock{guard_};
    return figures_;
}

}  // namespace turnix::daemon
