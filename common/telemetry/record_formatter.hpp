// From a log record to one line of text or JSON.
#pragma once

#include "common/telemetry/log.hpp"

#include <spdlog/formatter.h>

#include <memory>
#include <string_view>

namespace turnix::telemetry {

/// Appends `text` so that it is one line and printable: control characters, DEL, backslashes and bytes that
/// are not well-formed UTF-8 become \xNN (the line break \n).
void append_escaped(spdlog::memory_buf_t& line, std::string_view text);

/// Appends `text` as the inside of a JSON string; bytes that are not well-formed UTF-8 become U+FFFD.
void append_json_escaped(spdlog::memory_buf_t& line, std::string_view text);

class record_formatter final : public spdlog::formatter {
  public:
    explicit record_formatter(log_format format) noexcept : format_{format} {}

    void format(const spdlog::details::log_msg& record, spdlog::memory_buf_t& line) override;
    [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override;

  private:
    log_format format_;
};

}  // namespace turnix::telemetry
