// From a log record to one line of text or JSON.
#pragma once

#include "common/telemetry/log.hpp"

#include <spdlog/formatter.h>

#include <memory>
#include <string_view>

namespace turnix::telemetry {

/// Is it well-formed UTF-8 that shows as it is, on one line: without control characters of C0 and C1, line
/// separators and what changes the direction of the text after it?
[[nodiscard]] bool shows_as_it_is(std::string_view text) noexcept;

/// Appends `text` so that it is one line and printable: what does not show as it is becomes \xNN (the line
/// break \n), a backslash two.
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
