// The log: named loggers over spdlog, one line a record on standard error, as text or JSON lines.
//
// Text:  2026-01-06T15:14:22.277Z warning relay.io cannot bind 192.0.2.1:3478: address in use
// JSON:  {"time":"2026-01-06T15:14:22.277Z","level":"warning","logger":"relay.io","message":"…"}
//
// Whatever is in a record, it stays one line: control characters are escaped, so that a username cannot forge
// one. Loggers may be used from every thread; never from the packet way. Standard output is not touched.
#pragma once

#include <fmt/format.h>
#include <spdlog/logger.h>

#include <cstdint>
#include <string_view>

namespace turnix::telemetry {

enum class log_level : std::uint8_t { trace, debug, info, warn, error };
enum class log_format : std::uint8_t { text, json };

/// Sets level and format of every logger, those to come included. Any thread; until it is
/// called the level is info and the format text.
void configure_log(log_level level, log_format format);

/// The logger of that name, made at its first use and kept for good: hold the reference. Names are rooms
/// with a dot: "relay.io". `logger("api.http").info("listening on {}", address)`.
spdlog::logger& logger(std::string_view name);

}  // namespace turnix::telemetry
