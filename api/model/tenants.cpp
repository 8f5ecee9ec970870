#include "api/model/tenants.hpp"

#include <algorithm>
#include <array>

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

bool is_link_template(std::string_view text) noexcept {
    constexpr std::string_view scheme = "https://";
    constexpr std::array<std::string_view, 3> placeholders{"{room}", "{client}", "{session}"};
    const auto is_printable = [](unsigned char byte) {
        return byte > 0x20 && byte < 0x7f && byte != '"' && byte != '<' && byte != '>' && byte != '\\';
    };
    if (text.size() > link_template_bytes_max || !text.starts_with(scheme)) return false;
    if (!std::ranges::all_of(text, is_printable)) return false;
    text.remove_prefix(scheme.size());
    const auto host = text.substr(0, text.find_first_of("/?#"));
    if (host.empty() || host.find_first_of("@{}") != std::string_view::npos) return false;
    for (auto brace = text.find_first_of("{}"); brace != std::string_view::npos;
         brace = text.find_first_of("{}")) {
        text.remove_prefix(brace);
        const auto* const found = std::ranges::find_if(
            placeholders, [text](std::string_view each) { return text.starts_with(each); });
        if (found == placeholders.end()) return false;
        text.remove_prefix(found->size());
    }
    return true;
}

}  // namespace turnix::model
