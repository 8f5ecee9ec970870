#include "daemon/operator_call.hpp"

#include "common/config/loader.hpp"
#include "common/telemetry/record_formatter.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>

namespace turnix::daemon {

namespace json = boost::json;

data_directory directory_of(const configuration_options& options) {
    auto loaded = config::load(options.file, options.overrides);
    const auto hides_directory = [](const config::fault& found) {
        return found.key.empty() || found.key == "data.directory";
    };
    const auto found = std::ranges::find_if(loaded.faults, hides_directory);
    if (found != loaded.faults.end()) throw std::runtime_error{found->to_string()};
    return {std::move(loaded.values.data_directory)};
}

http::request request_of(http::method method, std::string path) {
    http::request request;
    request.method = method;
    request.path = std::move(path);
    return request;
}

std::string ask(const api_caller& api, http::request request) {
    auto answer = api(std::move(request));
    constexpr std::uint16_t first_error_status = 400;
    if (answer.status < first_error_status) return std::move(answer.body);
    boost::system::error_code not_json;
    const auto body = json::parse(answer.body, not_json);
    const auto* const message = not_json ? nullptr : body.find_pointer("/error/message", not_json);
    throw std::runtime_error{message != nullptr && message->is_string()
                                 ? std::string{message->as_string()}
                                 : fmt::format("the API answers with status {}", answer.status)};
}

json::array ask_for_all(const api_caller& api, const http::request& request) {
    json::array items;
    std::optional<std::string> cursor{std::in_place};
    while (cursor) {
        auto page_request = request;
        if (!cursor->empty()) page_request.query.push_back({"cursor", *cursor});
        const auto page = json::parse(ask(api, std::move(page_request)));
        for (const auto& item : page.at("items").as_array()) items.push_back(item);
        const auto& next = page.at("next_cursor");
        cursor = next.is_null() ? std::nullopt : std::optional{std::string{next.as_string()}};
    }
    return items;
}

std::string text_of(const json::value& object, std::string_view member) {
    const auto* const value = object.as_object().if_contains(member);
    if (value == nullptr || !value->is_string()) return "-";
    spdlog::memory_buf_t shown;
    telemetry::append_escaped(shown, std::string_view{value->as_string()});
    return {shown.data(), shown.size()};
}

}  // namespace turnix::daemon
