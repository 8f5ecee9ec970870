#include "api/console/accept_encoding.hpp"

#include "api/http/message.hpp"

namespace turnix::console {

namespace {

constexpr std::string_view blank{" \t"};

std::string_view trimmed(std::string_view text) noexcept {
    const auto first = text.find_first_not_of(blank);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

/// Takes what stands before the mark off the text, and the mark with it.
std::string_view take_until(char mark, std::string_view& text) noexcept {
    const auto end = text.find(mark);
    const auto taken = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    return trimmed(taken);
}

/// "q=0", "q=0.000": not acceptable (RFC 9110 §12.4.2).
bool is_refusal(std::string_view weight) noexcept {
    if (!http::equal_ignoring_case(weight.substr(0, 2), "q=")) return false;
    return weight.substr(2).find_first_not_of("0.") == std::string_view::npos;
}

}  // namespace

bool accepts(std::string_view accept_encoding, std::string_view coding) noexcept {
    bool takes_others{false};
    while (!accept_encoding.empty()) {
        auto element = take_until(',', accept_encoding);
        const auto name = take_until(';', element);
        const bool is_taken = !is_refusal(trimmed(element));
        if (http::equal_ignoring_case(name, coding)) return is_taken;
        if (name == "*") takes_others = is_taken;
    }
    return takes_others;
}

}  // namespace turnix::console
