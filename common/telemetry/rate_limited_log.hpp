// Records of one event class that can come in floods: at most one an interval is written, with the number of
// those that were left out before it.
#pragma once

#include "common/telemetry/log.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <new>
#include <string_view>
#include <utility>

namespace turnix::telemetry {

/// One object an event class, kept by whom it happens to. Any thread; takes no lock.
class rate_limited_log {
  public:
    using clock = std::chrono::steady_clock;

    explicit rate_limited_log(std::string_view logger_name,
                              std::chrono::milliseconds interval = std::chrono::seconds{10});

    /// A record that there is no memory for is left out, too.
    template <class... Arguments>
    void warn(fmt::format_string<Arguments...> text, Arguments&&... arguments) noexcept {
        log(spdlog::level::warn, text, std::forward<Arguments>(arguments)...);
    }
    template <class... Arguments>
    void error(fmt::format_string<Arguments...> text, Arguments&&... arguments) noexcept {
        log(spdlog::level::err, text, std::forward<Arguments>(arguments)...);
    }

    /// Is a record due at this time? Then `left_out` is the number of those refused since the last one.
    [[nodiscard]] bool admit(clock::time_point now, std::uint64_t& left_out) noexcept;

  private:
    template <class... Arguments>
    void log(spdlog::level::level_enum level, fmt::format_string<Arguments...> text,
             Arguments&&... arguments) noexcept {
        std::uint64_t left_out{};
        if (!admit(clock::now(), left_out)) return;
        try {
            write(level, fmt::format(text, std::forward<Arguments>(arguments)...), left_out);
        } catch (const std::bad_alloc&) {
            left_out_.fetch_add(1 + left_out, std::memory_order_relaxed);
        }
    }

    void write(spdlog::level::level_enum level, std::string_view message, std::uint64_t left_out);

    spdlog::logger& logger_;
    clock::duration interval_;
    std::atomic<clock::rep> next_{clock::time_point::min().time_since_epoch().count()};
    std::atomic<std::uint64_t> left_out_{0};
};

}  // namespace turnix::telemetry
