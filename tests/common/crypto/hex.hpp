// Bytes written in tests as hexadecimal text; spaces are for the reader.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace turnix::test {

inline std::byte hex_digit(char digit) {
    constexpr std::string_view digits = "0123456789abcdef";
    const auto value = digits.find(digit);
    if (value == std::string_view::npos) throw std::invalid_argument{"not a hexadecimal digit"};
    return std::byte(value);
}

inline std::vector<std::byte> hex(std::string_view text) {
    std::vector<std::byte> bytes;
    bool second = false;
    for (const auto character : text) {
        if (character == ' ' || character == '\n') continue;
        const auto digit = hex_digit(character);
        if (second) {
            bytes.back() |= digit;
        } else {
            bytes.push_back(digit << 4);
        }
        second = !second;
    }
    if (second) throw std::invalid_argument{"half a byte is left over"};
    return bytes;
}

}  // namespace turnix::test
