#include "common/telemetry/log.hpp"

#include "common/telemetry/record_formatter.hpp"
#include "common/telemetry/unfiltered_log.hpp"

#include <spdlog/sinks/stdout_sinks.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace turnix::telemetry {
namespace {

spdlog::level::level_enum to_spdlog(log_level level) noexcept {
    switch (level) {
        case log_level::trace:
            return spdlog::level::trace;
        case log_level::debug:
            return spdlog::level::debug;
        case log_level::info:
            return spdlog::level::info;
        case log_level::warn:
            return spdlog::level::warn;
        case log_level::error:
            break;
    }
    return spdlog::level::err;
}

/// Every logger of the process, behind one sink. spdlog's own registry is not used: its loggers can be
/// dropped while someone holds a reference.
class logger_registry {
  public:
    static logger_registry& instance() {
        static logger_registry registry;
        return registry;
    }

    spdlog::logger& find(std::string_view name) {
        const std::lock_guard lock{mutex_};
        return find_in(loggers_, name, level_);
    }

    spdlog::logger& find_unfiltered(std::string_view name) {
        const std::lock_guard lock{mutex_};
        return find_in(unfiltered_, name, spdlog::level::trace);
    }

    void configure(log_level level, log_format format) {
        const std::lock_guard lock{mutex_};
        level_ = to_spdlog(level);
        sink_->set_formatter(std::make_unique<record_formatter>(format));
        for (auto& [name, logger] : loggers_) logger->set_level(level_);
    }

  private:
    using loggers = std::map<std::string, std::unique_ptr<spdlog::logger>, std::less<>>;

    logger_registry() { sink_->set_formatter(std::make_unique<record_formatter>(log_format::text)); }

    spdlog::logger& find_in(loggers& among, std::string_view name, spdlog::level::level_enum level) {
        auto found = among.find(name);
        if (found == among.end()) {
            auto made = std::make_unique<spdlog::logger>(std::string{name}, sink_);
            made->set_level(level);
            made->flush_on(spdlog::level::trace);
            found = among.emplace(name, std::move(made)).first;
        }
        return *found->second;
    }

    std::mutex mutex_;
    std::shared_ptr<spdlog::sinks::stderr_sink_mt> sink_{std::make_shared<spdlog::sinks::stderr_sink_mt>()};
    spdlog::level::level_enum level_{spdlog::level::info};
    loggers loggers_;
    loggers unfiltered_;
};

}  // namespace

void configure_log(log_level level, log_format format) {
    logger_registry::instance().configure(level, format);
}

spdlog::logger& logger(std::string_view name) { return logger_registry::instance().find(name); }

spdlog::logger& unfiltered_logger(std::string_view name) {
    return logger_registry::instance().find_unfiltered(name);
}

}  // namespace turnix::telemetry
