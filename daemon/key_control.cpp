#include "daemon/key_control.hpp"

#include "api/http/error.hpp"
#include "api/resources/iso_time.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <charconv>
#include <exception>
#include <optional>
#include <string>
#include <utility>

namespace turnix::daemon {

namespace {

namespace json = boost::json;

std::string text_of(const credential::key_fingerprint& print) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const auto each : print) {
        text += digits[each >> 4U];
        text += digits[each & 0xfU];
    }
    return text;
}

json::object to_json(const credential::key& key, const fleet::key_book& keys, wall_time now) {
    json::array lacking;
    for (const auto& each : keys.lacking(key)) lacking.emplace_back(each);
    return {{"number", key.number},
            {"state", std::string{fleet::to_string(fleet::state_of(key, keys.ring(), now))}},
            {"fingerprint", text_of(credential::fingerprint_of(key))},
            {"used_at", key.used_at ? json::value(api::to_iso_time(*key.used_at)) : json::value(nullptr)},
            {"not_before", api::to_iso_time(key.not_before)},
            {"not_after", api::to_iso_time(key.not_after)},
            {"lacking", std::move(lacking)}};
}

struct named_change {
    credential::key_number number{0};
    std::string_view verb;
};

/// "/control/keys/7/use"
std::optional<named_change> change_of(std::string_view path) {
    path.remove_prefix(keys_path.size());
    if (path.empty() || path.front() != '/') return std::nullopt;
    path.remove_prefix(1);
    named_change read;
    const auto [end, fault] = std::from_chars(path.data(), path.data() + path.size(), read.number);
    if (fault != std::errc{}) return std::nullopt;
    path.remove_prefix(static_cast<std::size_t>(end - path.data()));
    if (path != "/use" && path != "/retire") return std::nullopt;
    read.verb = path.substr(1);
    return read;
}

http::response refused(http::error_code code, std::string message, const http::request& asked) {
    return http::to_response(http::error{.code = code, .message = std::move(message)}, asked.request_id);
}

http::response listed(const fleet::key_book& keys, wall_time now) {
    json::array all;
    for (const auto& each : keys.ring().keys()) all.push_back(to_json(each, keys, now));
    return http::json_response(200, json::serialize(json::object{{"keys", std::move(all)}}));
}

}  // namespace

bool is_about_keys(const http::request& asked) noexcept {
    return asked.origin == http::origin::control_socket && asked.path.starts_with(keys_path);
}

http::response answer_about_keys(fleet::key_book& keys, const http::request& asked,
                                 std::chrono::seconds lifetime, wall_time now) try {
    if (asked.path == keys_path && asked.method == http::method::get) return listed(keys, now);
    const auto named = change_of(asked.path);
    const bool makes = asked.path == keys_path;
    if (asked.method != http::method::post || (!named && !makes)) {
        return refused(http::error_code::not_found, "There is nothing here.", asked);
    }
    const bool is_forced = std::ranges::any_of(
        asked.query, [](const auto& each) { return each.name == "force" && each.value == "true"; });
    const auto number = makes ? keys.add(now) : named->number;
    if (named && named->verb == "use") keys.use(number, now, is_forced);
    if (named && named->verb == "retire") keys.retire(number, lifetime, now, is_forced);
    return http::json_response(makes ? 201 : 200,
                               json::serialize(to_json(*keys.ring().find(number), keys, now)));
} catch (const fleet::key_refusal& refusal) {
    return refused(http::error_code::conflict, refusal.what(), asked);
} catch (const std::exception& fault) {
    return refused(http::error_code::unavailable, fault.what(), asked);
}

}  // namespace turnix::daemon
