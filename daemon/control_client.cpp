#include "daemon/control_client.hpp"

#include "api/http/percent.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/system/system_error.hpp>
#include <fmt/format.h>

#include <stdexcept>
#include <string>

namespace turnix::daemon {
namespace {

namespace beast_http = boost::beast::http;
using unix_socket = boost::asio::local::stream_protocol::socket;

/// Path and query; the path has its escapes already.
std::string target_of(const http::request& request) {
    auto target = request.path;
    for (const auto& [name, value] : request.query) {
        target +=
            fmt::format("{}{}={}", target == request.path ? '?' : '&', name, http::percent_encoded(value));
    }
    return target;
}

http::response exchange(unix_socket& socket, const http::request& request) {
    constexpr unsigned http_1_1 = 11;
    beast_http::request<beast_http::string_body> message{
        beast_http::string_to_verb(std::string{to_string(request.method)}), target_of(request), http_1_1,
        request.body};
    message.set(beast_http::field::host, "localhost");
    message.set(beast_http::field::connection, "close");
    for (const auto& [name, value] : request.headers) message.set(name, value);
    message.prepare_payload();
    beast_http::write(socket, message);

    boost::beast::flat_buffer buffer;
    beast_http::response<beast_http::string_body> answer;
    beast_http::read(socket, buffer, answer);
    return {.status = static_cast<std::uint16_t>(answer.result_int()),
            .headers = {},
            .body = std::move(answer.body())};
}

}  // namespace

http::response ask_daemon(const std::filesystem::path& control_socket, const http::request& request) {
    try {
        boost::asio::io_context io;
        unix_socket socket{io};
        socket.connect({control_socket.string()});
        return exchange(socket, request);
    } catch (const boost::system::system_error& error) {
        throw std::runtime_error{
            fmt::format("{}: the daemon does not answer: {}; wait until it has started, or stop it",
                        control_socket.string(), error.code().message())};
    }
}

}  // namespace turnix::daemon
