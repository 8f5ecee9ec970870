// What `canonical` must say, worked out with strings of bits: the judge of its test and of its fuzzer.
#pragma once

#include "relay/turn/canonical.hpp"
#include "tests/relay/turn/addresses.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace turnix::turn_test {

inline std::string inverted(std::string bits) {
    std::ranges::transform(bits, bits.begin(), [](char bit) { return bit == '0' ? '1' : '0'; });
    return bits;
}

inline turn::canonical_address canonical_oracle(const net::address& written,
                                                const std::optional<net::cidr>& nat64_prefix) {
    using turn::embedding;
    struct form {
        embedding value;
        std::string prefix;
    };
    static const auto prefix = [](const char* text, std::size_t length) {
        return bits_of(ip(text)).substr(0, length);
    };
    static const std::vector<form> forms{
        {embedding::none, prefix("::", 128)},
        {embedding::none, prefix("::1", 128)},
        {embedding::compatible, prefix("::", 96)},
        {embedding::mapped, prefix("::ffff:0:0", 96)},
        {embedding::translated, prefix("::ffff:0:0:0", 96)},
        {embedding::nat64_well_known, prefix("64:ff9b::", 96)},
        {embedding::nat64_local, prefix("64:ff9b:1::", 48)},
        {embedding::six_to_four, prefix("2002::", 16)},
        {embedding::teredo, prefix("2001::", 32)},
    };

    const auto bits = bits_of(written);
    if (bits.size() == 32) return {.address = written};
    if (nat64_prefix && bits.starts_with(bits_of(nat64_prefix->prefix()).substr(0, 96))) {
        return {.address = address_of(bits.substr(96)), .form = embedding::nat64_configured};
    }
    const auto found =
        std::ranges::find_if(forms, [&](const form& each) { return bits.starts_with(each.prefix); });
    auto value = found == forms.end() ? embedding::none : found->value;
    auto identifier = bits.substr(64, 32);
    identifier[6] = '0';
    if (found == forms.end() && identifier == "00000000000000000101111011111110") value = embedding::isatap;

    switch (value) {
        case embedding::none:
            return {.address = written};
        case embedding::nat64_local:
            return {.address = address_of(bits.substr(48, 16) + bits.substr(72, 16)), .form = value};
        case embedding::six_to_four:
            return {.address = address_of(bits.substr(16, 32)), .form = value};
        case embedding::teredo:
            return {.address = address_of(inverted(bits.substr(96))), .form = value};
        default:
            return {.address = address_of(bits.substr(96)), .form = value};
    }
}

}  // namespace turnix::turn_test
