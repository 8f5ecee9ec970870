#include "api/resources/iso_time.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <charconv>

namespace turnix::api {

namespace {

/// The number in `text` at this place; its digits are known to be digits.
int number_at(std::string_view text, std::size_t first, std::size_t digits) noexcept {
    int value{0};
    std::from_chars(text.data() + first, text.data() + first + digits, value);
    return value;
}

/// A digit for each 'd', anything else as it stands.
bool has_form(std::string_view text, std::string_view form) noexcept {
    if (text.size() != form.size()) return false;
    for (std::size_t i = 0; i < form.size(); ++i) {
        const bool is_digit = text[i] >= '0' && text[i] <= '9';
        if (form[i] == 'd' ? !is_digit : text[i] != form[i]) return false;
    }
    return true;
}

}  // namespace

std::string to_iso_time(wall_time time) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    const auto fraction = std::chrono::floor<std::chrono::milliseconds>(time - seconds);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                       fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)), fraction.count());
}

std::optional<wall_time> to_wall_time(std::chrono::sys_time<std::chrono::milliseconds> at) noexcept {
    const bool fits = at >= std::chrono::ceil<std::chrono::milliseconds>(wall_time::min()) &&
                      at <= std::chrono::floor<std::chrono::milliseconds>(wall_time::max());
    return fits ? std::optional<wall_time>{at} : std::nullopt;
}

std::optional<wall_time> parse_iso_time(std::string_view text) noexcept {
    const bool has_fraction = has_form(text, "dddd-dd-ddTdd:dd:dd.dddZ");
    if (!has_fraction && !has_form(text, "dddd-dd-ddTdd:dd:ddZ")) return std::nullopt;
    const std::chrono::year_month_day day{std::chrono::year{number_at(text, 0, 4)},
                                          std::chrono::month{static_cast<unsigned>(number_at(text, 5, 2))},
                                          std::chrono::day{static_cast<unsigned>(number_at(text, 8, 2))}};
    const int hour = number_at(text, 11, 2);
    const int minute = number_at(text, 14, 2);
    const int second = number_at(text, 17, 2);
    if (!day.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
    return to_wall_time(std::chrono::sys_days{day} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
                        std::chrono::seconds{second} +
                        std::chrono::milliseconds{has_fraction ? number_at(text, 20, 3) : 0});
}

}  // namespace turnix::api
