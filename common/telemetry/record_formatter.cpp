#include "common/telemetry/record_formatter.hpp"

#include <fmt/chrono.h>
#include <spdlog/details/log_msg.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <iterator>

namespace turnix::telemetry {
namespace {

constexpr std::array level_names{"trace", "debug", "info", "warning", "error", "critical", "off"};

constexpr std::uint8_t byte_at(std::string_view text, std::size_t index) noexcept {
    return static_cast<std::uint8_t>(text[index]);
}

/// How many bytes the sequence that begins with `lead` has, 0 when none does.
constexpr std::size_t sequence_bytes(std::uint8_t lead) noexcept {
    if (lead < 0x80) return 1;
    if (lead >= 0xc2 && lead <= 0xdf) return 2;
    if (lead >= 0xe0 && lead <= 0xef) return 3;
    if (lead >= 0xf0 && lead <= 0xf4) return 4;
    return 0;
}

/// The length of the well-formed UTF-8 sequence at the front of `text` (RFC 3629 §4), 0 when there is none.
constexpr std::size_t utf8_front(std::string_view text) noexcept {
    const auto lead = byte_at(text, 0);
    const auto bytes = sequence_bytes(lead);
    if (bytes == 0 || bytes > text.size()) return 0;
    for (std::size_t i = 1; i < bytes; ++i) {
        if ((byte_at(text, i) & 0xc0U) != 0x80) return 0;
    }
    // Overlong forms, surrogates and what lies beyond U+10FFFF show in the second byte.
    if (lead == 0xe0 && byte_at(text, 1) < 0xa0) return 0;
    if (lead == 0xed && byte_at(text, 1) > 0x9f) return 0;
    if (lead == 0xf0 && byte_at(text, 1) < 0x90) return 0;
    if (lead == 0xf4 && byte_at(text, 1) > 0x8f) return 0;
    return bytes;
}

/// Of a well-formed sequence; of four bytes none is asked for.
constexpr std::uint32_t code_point_of(std::string_view sequence) noexcept {
    const auto low_bits = [sequence](std::size_t index) { return byte_at(sequence, index) & 0x3fU; };
    if (sequence.size() == 1) return byte_at(sequence, 0);
    if (sequence.size() == 2) return (byte_at(sequence, 0) & 0x1fU) << 6U | low_bits(1);
    if (sequence.size() == 3) return (byte_at(sequence, 0) & 0x0fU) << 12U | low_bits(1) << 6U | low_bits(2);
    return 0x10000;
}

/// C0 and C1 controls, the separators U+2028 and U+2029 that some viewers break lines at, and the controls of
/// the text's direction (Unicode Bidi_Control).
constexpr bool is_control(std::string_view sequence) noexcept {
    const auto point = code_point_of(sequence);
    return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x61c || point == 0x200e ||
           point == 0x200f || (point >= 0x2028 && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
}

void append(spdlog::memory_buf_t& line, std::string_view text) {
    line.append(text.data(), text.data() + text.size());
}

void append_hexadecimal(spdlog::memory_buf_t& line, std::string_view bytes) {
    for (const char byte : bytes) {
        fmt::format_to(std::back_inserter(line), "\\x{:02x}", static_cast<std::uint8_t>(byte));
    }
}

void append_json_control(spdlog::memory_buf_t& line, std::string_view sequence) {
    if (sequence == "\n") return append(line, "\\n");
    if (sequence == "\t") return append(line, "\\t");
    fmt::format_to(std::back_inserter(line), "\\u{:04x}", code_point_of(sequence));
}

void append_text_record(spdlog::memory_buf_t& line, const spdlog::details::log_msg& record) {
    append(line, level_names.at(static_cast<std::size_t>(record.level)));
    line.push_back(' ');
    append(line, std::string_view{record.logger_name.data(), record.logger_name.size()});
    line.push_back(' ');
    append_escaped(line, std::string_view{record.payload.data(), record.payload.size()});
}

void append_json_record(spdlog::memory_buf_t& line, const spdlog::details::log_msg& record) {
    append(line, R"(","level":")");
    append(line, level_names.at(static_cast<std::size_t>(record.level)));
    append(line, R"(","logger":")");
    append_json_escaped(line, std::string_view{record.logger_name.data(), record.logger_name.size()});
    append(line, R"(","message":")");
    append_json_escaped(line, std::string_view{record.payload.data(), record.payload.size()});
    append(line, R"("})");
}

}  // namespace

bool shows_as_it_is(std::string_view text) noexcept {
    while (!text.empty()) {
        const auto bytes = utf8_front(text);
        if (bytes == 0 || is_control(text.substr(0, bytes))) return false;
        text.remove_prefix(bytes);
    }
    return true;
}

void append_escaped(spdlog::memory_buf_t& line, std::string_view text) {
    while (!text.empty()) {
        const auto bytes = utf8_front(text);
        const auto front = text.substr(0, bytes == 0 ? 1 : bytes);
        if (front == "\n") {
            append(line, "\\n");
        } else if (front == "\\") {
            append(line, "\\\\");
        } else if (bytes == 0 || is_control(front)) {
            append_hexadecimal(line, front);
        } else {
            append(line, front);
        }
        text.remove_prefix(front.size());
    }
}

void append_json_escaped(spdlog::memory_buf_t& line, std::string_view text) {
    while (!text.empty()) {
        const auto bytes = utf8_front(text);
        const auto front = text.substr(0, bytes == 0 ? 1 : bytes);
        if (bytes == 0) {
            append(line, "\\ufffd");
        } else if (is_control(front)) {
            append_json_control(line, front);
        } else {
            if (front == "\"" || front == "\\") line.push_back('\\');
            append(line, front);
        }
        text.remove_prefix(front.size());
    }
}

void record_formatter::format(const spdlog::details::log_msg& record, spdlog::memory_buf_t& line) {
    const auto since_epoch = std::chrono::floor<std::chrono::milliseconds>(record.time.time_since_epoch());
    const auto seconds = std::chrono::floor<std::chrono::seconds>(since_epoch);
    if (format_ == log_format::json) append(line, R"({"time":")");
    fmt::format_to(std::back_inserter(line), "{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(seconds.count()),
                   (since_epoch - seconds).count());
    if (format_ == log_format::json) {
        append_json_record(line, record);
    } else {
        line.push_back(' ');
        append_text_record(line, record);
    }
    line.push_back('\n');
}

std::unique_ptr<spdlog::formatter> record_formatter::clone() const {
    return std::make_unique<record_formatter>(format_);
}

}  // namespace turnix::telemetry
