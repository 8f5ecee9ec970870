#include "api/model/tenants.hpp"

#include <algorithm>

namespace turnix::model {

bool is_project_slug(std::string_view text) noexcept {
    const auto fits = [](char character) {
        return (character >= 'a' && character <= 'z') || (character >= '0' && character <= '9') ||
               character == '-';
    };
    return !text.empty() && text.size() <= slug_characters_max && text.front() != '-' && text.back() != '-' &&
           std::ranges::all_of(text, fits);
}

bool is_organisation_name(std::string_view text) noexcept {
    const auto is_control = [](unsigned char byte) { return byte < 0x20 || byte == 0x7f; };
    return !text.empty() && text.size() <= organisation_name_bytes_max &&
           std::ranges::none_of(text, is_control);
}

}  // namespace turnix::model
