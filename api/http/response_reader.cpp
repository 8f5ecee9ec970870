#include "api/http/response_reader.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <utility>

namespace turnix::http {

namespace beast = boost::beast;
using beast_parser = beast::http::response_parser<beast::http::string_body>;

namespace {

constexpr std::size_t read_bytes = 16 * 1024;
constexpr unsigned final_status_least = 200;

response to_response(beast_parser::value_type&& message) {
    response made{.status = static_cast<std::uint16_t>(message.result_int())};
    for (const auto& field : message) made.headers.add(field.name_string(), field.value());
    made.body = std::move(message.body());
    return made;
}

}  // namespace

struct response_reader::state {
    explicit state(const message_limits& given) : limits{given}, input{given.header_bytes_max + read_bytes} {
        begin_message();
    }

    void begin_message() {
        parser = std::make_unique<beast_parser>();
        parser->header_limit(limits.header_bytes_max);
        parser->body_limit(limits.body_bytes_max);
    }

    /// A final answer with one length, said in one way.
    [[nodiscard]] bool is_expected() const {
        using beast::http::field;
        const auto& header = parser->get();
        return header.result_int() >= final_status_least && header.count(field::transfer_encoding) == 0 &&
               (header.result_int() == 204 || header.count(field::content_length) == 1);
    }

    progress advance() {
        if (has_failed) return progress::failed;
        while (!parser->is_done() && input.size() > 0) {
            boost::system::error_code code;
            input.consume(parser->put(input.data(), code));
            if (code == beast::http::error::need_more) break;
            if (code) return fail();
            if (parser->is_header_done() && !is_expected()) return fail();
        }
        if (!parser->is_done()) return input.size() < input.max_size() ? progress::more : fail();
        keep_alive = parser->keep_alive();
        taken = to_response(parser->release());
        begin_message();
        return progress::complete;
    }

    progress fail() {
        has_failed = true;
        return progress::failed;
    }

    message_limits limits;
    beast::flat_buffer input;
    std::unique_ptr<beast_parser> parser;  // one for each message, since Beast's cannot begin anew
    response taken;
    bool has_failed{false};
    bool keep_alive{false};
};

response_reader::response_reader(const message_limits& limits) : state_{std::make_unique<state>(limits)} {}
response_reader::~response_reader() = default;

boost::asio::mutable_buffer response_reader::prepare() {
    const auto room = state_->input.max_size() - state_->input.size();
    return state_->input.prepare(std::min(read_bytes, room));
}

void response_reader::commit(std::size_t bytes) { state_->input.commit(bytes); }

response_reader::progress response_reader::advance() { return state_->advance(); }

response response_reader::take() { return std::exchange(state_->taken, {}); }

bool response_reader::keeps_alive() const noexcept { return state_->keep_alive; }

bool response_reader::has_rest() const noexcept {
    return state_->input.size() > 0 || state_->parser->got_some();
}

}  // namespace turnix::http
