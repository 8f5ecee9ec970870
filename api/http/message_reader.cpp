#include "api/http/message_reader.hpp"

#include "api/http/body.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace turnix::http {

namespace beast = boost::beast;
using beast_parser = beast::http::request_parser<beast::http::string_body>;

namespace {

constexpr std::size_t read_bytes = 4 * 1024;
/// What may wait unparsed beside a header: pipelined requests, chunk headers.
constexpr std::size_t waiting_bytes_max = 2 * read_bytes;
/// "0" CRLF CRLF. Beast counts on having all of it once it has seen its first line, and ends the process
/// otherwise; nothing shorter follows in a chunked body, so to wait for so much stops nobody.
constexpr std::size_t last_chunk_bytes = 5;

error malformed(std::string message) {
    return {.code = error_code::malformed, .message = std::move(message)};
}

error to_error(const boost::system::error_code& code) {
    if (code == beast::http::error::header_limit) {
        return {.code = error_code::header_too_large, .message = "The header is too large."};
    }
    if (code == beast::http::error::body_limit) {
        return {.code = error_code::payload_too_large, .message = "The body is too large."};
    }
    return malformed("This is not a well-formed HTTP/1.1 request.");
}

using beast_header = beast_parser::value_type;

bool is_digits(std::string_view text) noexcept {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// Message framing that two readers could understand in two ways (RFC 9112 §6.3), and what §3.2 asks of Host.
std::optional<error> framing_fault(const beast_header& header) {
    using beast::http::field;
    const auto encodings = header.count(field::transfer_encoding);
    const auto lengths = header.count(field::content_length);
    if (encodings != 0 && lengths != 0) {
        return malformed("Content-Length and Transfer-Encoding exclude each other.");
    }
    if (lengths != 0 && !(lengths == 1 && is_digits(header[field::content_length]))) {
        return malformed("Content-Length is not one number.");
    }
    const bool is_chunked = encodings == 1 && beast::iequals(header[field::transfer_encoding], "chunked");
    if (encodings != 0 && !(is_chunked && header.version() == 11)) {
        return malformed("The only Transfer-Encoding taken is chunked, in HTTP/1.1.");
    }
    if (header.version() != 10 && header.version() != 11) return malformed("Speak HTTP/1.1.");
    if (header.version() == 11 && header.count(field::host) != 1) {
        return malformed("There must be exactly one Host field.");
    }
    return std::nullopt;
}

result<request, error> to_request(beast_header&& message) {
    request made;
    made.method = parse_method(message.method_string());
    const std::string_view target = message.target();
    if (!target.starts_with('/')) return malformed("The request target does not begin with a slash.");
    const auto question = std::min(target.find('?'), target.size());
    made.path = target.substr(0, question);
    auto query = read_form(target.substr(std::min(target.size(), question + 1)));
    if (query.has_error()) return query.error();
    made.query = std::move(*query);
    for (const auto& field : message) made.headers.add(field.name_string(), field.value());
    made.body = std::move(message.body());
    return made;
}

}  // namespace

struct message_reader::state {
    explicit state(const message_limits& given)
        : limits{given}, input{given.header_bytes_max + waiting_bytes_max} {
        begin_message();
    }

    void begin_message() {
        parser = std::make_unique<beast_parser>();
        parser->header_limit(limits.header_bytes_max);
        parser->body_limit(limits.body_bytes_max);
        header_checked = false;
        told_to_continue = false;
    }

    progress advance() {
        if (has_failed) return progress::failed;
        while (!parser->is_done() && input.size() >= bytes_least()) {
            boost::system::error_code code;
            input.consume(parser->put(input.data(), code));
            if (code == beast::http::error::need_more) break;
            if (code) return fail(to_error(code));
            if (!parser->is_header_done() || std::exchange(header_checked, true)) continue;
            if (auto found = framing_fault(parser->get())) return fail(std::move(*found));
        }
        return parser->is_done() ? complete() : waiting();
    }

    /// Before which the parser has nothing to do.
    [[nodiscard]] std::size_t bytes_least() const {
        return parser->is_header_done() && parser->chunked() ? last_chunk_bytes : 1;
    }

    progress complete() {
        keep_alive = parser->keep_alive();
        auto made = to_request(parser->release());
        if (made.has_error()) return fail(made.error());
        taken = std::move(*made);
        begin_message();
        return progress::complete;
    }

    progress waiting() {
        if (input.size() >= input.max_size()) return fail(malformed("A chunk header is too long."));
        if (parser->is_header_done()) return progress::body;
        return parser->got_some() || input.size() > 0 ? progress::header : progress::idle;
    }

    progress fail(error what) {
        fault = std::move(what);
        has_failed = true;
        return progress::failed;
    }

    message_limits limits;
    beast::flat_buffer input;
    std::unique_ptr<beast_parser> parser;  // one for each message, since Beast's cannot begin anew
    request taken;
    error fault;
    bool has_failed{false};
    bool header_checked{false};
    bool told_to_continue{false};
    bool keep_alive{false};
};

message_reader::message_reader(const message_limits& limits) : state_{std::make_unique<state>(limits)} {}
message_reader::~message_reader() = default;
message_reader::message_reader(message_reader&&) noexcept = default;
message_reader& message_reader::operator=(message_reader&&) noexcept = default;

boost::asio::mutable_buffer message_reader::prepare() {
    const auto room = state_->input.max_size() - state_->input.size();
    return state_->input.prepare(std::min(read_bytes, room));
}

void message_reader::commit(std::size_t bytes) { state_->input.commit(bytes); }

message_reader::progress message_reader::advance() { return state_->advance(); }

bool message_reader::wants_continue() {
    if (!state_->parser->is_header_done() || state_->told_to_continue) return false;
    const auto& header = state_->parser->get();
    state_->told_to_continue = true;
    return beast::iequals(header[beast::http::field::expect], "100-continue");
}

request message_reader::take() { return std::exchange(state_->taken, {}); }

bool message_reader::keeps_alive() const noexcept { return state_->keep_alive; }

const error& message_reader::fault() const noexcept { return state_->fault; }

}  // namespace turnix::http
