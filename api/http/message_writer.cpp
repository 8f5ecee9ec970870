#include "api/http/message_writer.hpp"

#include "api/http/percent.hpp"

#include <boost/beast/http/status.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace turnix::http {

namespace {

bool has_line_break(const named_value& field) noexcept {
    constexpr std::string_view breaks{"\r\n\0", 3};
    return field.name.find_first_of(breaks) != std::string::npos ||
           field.value.find_first_of(breaks) != std::string::npos;
}

void write_fields(std::back_insert_iterator<std::string> to, const header_fields& fields) {
    for (const auto& field : fields) {
        if (!has_line_break(field)) fmt::format_to(to, "{}: {}\r\n", field.name, field.value);
    }
}

}  // namespace

std::string to_wire(const response& answer, const write_options& options) {
    const std::string_view reason =
        boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(answer.status));
    std::string wire;
    auto out = std::back_inserter(wire);
    fmt::format_to(out, "HTTP/1.1 {} {}\r\nDate: {:%a, %d %b %Y %H:%M:%S} GMT\r\n", answer.status, reason,
                   fmt::gmtime(std::chrono::system_clock::to_time_t(options.now)));
    write_fields(out, answer.headers);
    // RFC 9110 §8.6: no Content-Length in a 204. RFC 9112 §6.3: without one, the connection's end is the
    // body's.
    if (answer.status != 204 && !answer.stream)
        fmt::format_to(out, "Content-Length: {}\r\n", answer.body.size() + answer.lasting_body.size());
    if (!options.keep_alive) wire += "Connection: close\r\n";
    wire += "\r\n";
    if (!options.head_only) wire += answer.body;
    return wire;
}

std::string to_wire(const request& asked, std::string_view host) {
    auto wire = fmt::format("{} {}", to_string(asked.method), asked.path);
    auto out = std::back_inserter(wire);
    auto mark = '?';
    for (const auto& [name, value] : asked.query) {
        fmt::format_to(out, "{}{}={}", std::exchange(mark, '&'), percent_encoded(name),
                       percent_encoded(value));
    }
    fmt::format_to(out, " HTTP/1.1\r\nHost: {}\r\n", host);
    write_fields(out, asked.headers);
    if (!asked.body.empty()) fmt::format_to(out, "Content-Length: {}\r\n", asked.body.size());
    return wire + "\r\n" + asked.body;
}

}  // namespace turnix::http
