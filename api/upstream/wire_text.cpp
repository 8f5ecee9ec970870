#include "api/upstream/wire_text.hpp"

#include "api/upstream/upstream_error.hpp"

#include <charconv>
#include <string>

namespace turnix::upstream {

namespace {

constexpr std::string_view digits = "0123456789abcdef";

void append_quoted(std::string& to, std::string_view text) {
    to += '"';
    for (const char each : text) {
        if (each == '"' || each == '\\') to += '\\';
        to += each;
    }
    to += '"';
}

void append(std::string& to, const sqlite_cell& value) {
    if (const auto* const number = std::get_if<std::int64_t>(&value)) {
        to += std::to_string(*number);
    } else if (const auto* const text = std::get_if<std::string>(&value)) {
        append_quoted(to, *text);
    } else if (const auto* const bytes = std::get_if<std::vector<std::byte>>(&value)) {
        append_quoted(to, bytes_text(*bytes));
    } else {
        to += "NULL";
    }
}

std::int64_t number_from(std::string_view text) {
    std::int64_t number{0};
    const auto* const end = text.data() + text.size();
    const auto [stopped, fault] = std::from_chars(text.data(), end, number);
    if (fault != std::errc{} || stopped != end) throw upstream_error{"a column has no whole number"};
    return number;
}

std::vector<std::byte> bytes_from(std::string_view text) {
    if (!text.starts_with("\\x") || text.size() % 2 != 0) throw upstream_error{"a column has no bytes"};
    text.remove_prefix(2);
    std::vector<std::byte> bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const auto high = digits.find(text[i]);
        const auto low = digits.find(text[i + 1]);
        if (high == std::string_view::npos || low == std::string_view::npos)
            throw upstream_error{"a column has no bytes"};
        bytes.push_back(static_cast<std::byte>(high << 4U | low));
    }
    return bytes;
}

}  // namespace

std::string array_text(std::span<const row> rows, std::size_t column) {
    std::string made{"{"};
    for (const auto& each : rows) {
        if (made.size() > 1) made += ',';
        append(made, each.at(column));
    }
    made += '}';
    return made;
}

std::string bytes_text(std::span<const std::byte> bytes) {
    std::string made{"\\x"};
    for (const auto each : bytes) {
        made += digits[std::to_integer<std::size_t>(each >> 4U)];
        made += digits[std::to_integer<std::size_t>(each & std::byte{0x0f})];
    }
    return made;
}

sqlite_cell cell_from(std::string_view text, wire_type type) {
    switch (type) {
        case wire_type::number:
            return number_from(text);
        case wire_type::truth:
            return std::int64_t{text == "t" ? 1 : 0};
        case wire_type::bytes:
            return bytes_from(text);
        case wire_type::text:
            break;
    }
    return std::string{text};
}

}  // namespace turnix::upstream
