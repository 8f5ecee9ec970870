// What people may call a thing that the API makes: names come to terminals and pages of others.
#pragma once

#include "api/resources/fields.hpp"
#include "common/telemetry/record_formatter.hpp"

#include <string_view>

namespace turnix::api {

inline bool is_displayed_name(std::string_view text) noexcept {
    constexpr std::size_t bytes_max = 100;
    return !text.empty() && text.size() <= bytes_max && telemetry::shows_as_it_is(text);
}

inline const text_rule displayed_name{
    .fits = is_displayed_name,
    .message = "must be a text of 1 to 100 bytes without characters that control how it is shown"};

}  // namespace turnix::api
