#include "common/telemetry/rate_limited_log.hpp"

namespace turnix::telemetry {

rate_limited_log::rate_limited_log(std::string_view logger_name, std::chrono::milliseconds interval)
    : logger_{logger(logger_name)}, interval_{interval} {}

bool rate_limited_log::admit(clock::time_point now, std::uint64_t& left_out) noexcept {
    auto next = next_.load(std::memory_order_relaxed);
    const auto following = (now + interval_).time_since_epoch().count();
    if (now.time_since_epoch().count() < next ||
        !next_.compare_exchange_strong(next, following, std::memory_order_relaxed)) {
        left_out_.fetch_add(1, std::memory_order_relaxed);
        return false;
    }
    left_out = left_out_.exchange(0, std::memory_order_relaxed);
    return true;
}

void rate_limited_log::write(spdlog::level::level_enum level, std::string_view message,
                             std::uint64_t left_out) {
    if (left_out == 0) {
        logger_.log(level, "{}", message);
    } else {
        logger_.log(level, "{} ({} like it were left out)", message, left_out);
    }
}

}  // namespace turnix::telemetry
