// What the commands that speak to the API share: where it is, one call, one list.
#pragma once

#include "api/http/message.hpp"
#include "daemon/check_command.hpp"
#include "daemon/data_directory.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace turnix::daemon {

/// Only the data directory counts: a fault of the relay's settings keeps nobody from revoking a token. Throws
/// std::runtime_error with the fault.
data_directory directory_of(const configuration_options& options);

http::request request_of(http::method method, std::string path);

/// Asks the API and gives its answer.
using api_caller = std::function<http::response(http::request)>;
/// The answer's body; throws std::runtime_error with the API's own message when it refuses.
std::string ask(const api_caller& api, http::request request);
/// Every page of a list.
boost::json::array ask_for_all(const api_caller& api, const http::request& request);

/// A member that is a text, so that a terminal shows it on one line; "-" when it is null or absent.
std::string text_of(const boost::json::value& object, std::string_view member);

}  // namespace turnix::daemon
