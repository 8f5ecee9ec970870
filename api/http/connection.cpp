#include "api/http/connection.hpp"

#include "api/http/message_writer.hpp"
#include "common/clock/instant.hpp"

#include <utility>

namespace turnix::http {

namespace {

constexpr std::chrono::milliseconds drain_time{1'000};
constexpr std::chrono::milliseconds shutdown_time{1'000};
constexpr std::size_t drain_read_bytes = 16 * 1024;
constexpr std::size_t drained_bytes_max = 1024 * 1024;

message_limits message_limits_of(const server_limits& limits) noexcept {
    return {.header_bytes_max = limits.header_bytes_max, .body_bytes_max = limits.body_bytes_max};
}

}  // namespace

connection::connection(boost::asio::io_context& io, std::unique_ptr<byte_stream> stream,
                       std::optional<net::endpoint> remote, const server_limits& limits, owner& above)
    : timer_{io},
      stream_{std::move(stream)},
      remote_{remote},
      limits_{limits},
      owner_{above},
      reader_{message_limits_of(limits)} {}

void connection::start() {
    enter(phase::handshake);
    stream_->async_handshake([self = shared_from_this()](boost::system::error_code code) {
        if (self->phase_ == phase::closed) return;
        if (code) return self->close();
        self->enter(phase::header);
        self->read();
    });
}

void connection::close() {
    if (phase_ == phase::closed) return;
    phase_ = phase::closed;
    timer_.cancel();
    stream_->close();
    owner_.on_connection_end(*this);
}

void connection::enter(phase next) {
    phase_ = next;
    timer_.expires_after(time_of(next));
    timer_.async_wait([self = shared_from_this()](boost::system::error_code code) {
        const bool is_over = self->timer_.expiry() <= std::chrono::steady_clock::now();
        if (!code && is_over && self->phase_ != phase::closed) self->on_time_over();
    });
}

void connection::stay_in(phase current) {
    if (phase_ != current) enter(current);
}

std::chrono::milliseconds connection::time_of(phase which) const noexcept {
    switch (which) {
        case phase::handshake:
        case phase::header:
            return limits_.header_time;
        case phase::body:
            return limits_.body_time;
        case phase::answering:
            return limits_.answer_time;
        case phase::writing:
            return limits_.write_time;
        case phase::draining:
            return drain_time;
        case phase::shutdown:
            return shutdown_time;
        case phase::idle:
        case phase::closed:
            break;
    }
    return limits_.idle_time;
}

void connection::on_time_over() {
    if (phase_ != phase::header && phase_ != phase::body) return close();
    timed_out_ = true;
    stream_->cancel();  // the read under way goes on in its completion
}

void connection::read() {
    stream_->async_read_some(
        reader_.prepare(), [self = shared_from_this()](boost::system::error_code code, std::size_t bytes) {
            if (self->phase_ == phase::closed) return;
            if (self->timed_out_) {
                return self->fail(
                    {.code = error_code::request_timeout, .message = "The request did not arrive in time."});
            }
            if (code) return self->shut_down();
            self->reader_.commit(bytes);
            self->proceed();
        });
}

void connection::proceed() {
    switch (reader_.advance()) {
        case message_reader::progress::idle:
            enter(phase::idle);
            return read();
        case message_reader::progress::header:
            stay_in(phase::header);
            return read();
        case message_reader::progress::body:
            stay_in(phase::body);
            return reader_.wants_continue() ? say_continue() : read();
        case message_reader::progress::complete:
            return on_request();
        case message_reader::progress::failed:
            return fail(reader_.fault());
    }
}

void connection::say_continue() {
    wire_ = "HTTP/1.1 100 Continue\r\n\r\n";
    stream_->async_write(boost::asio::buffer(wire_),
                         [self = shared_from_this()](boost::system::error_code code, std::size_t /*bytes*/) {
                             if (self->phase_ == phase::closed) return;
                             if (code) return self->close();
                             self->read();
                         });
}

void connection::on_request() {
    auto asked = reader_.take();
    asked.remote = remote_;
    asked.origin = remote_ ? origin::network : origin::control_socket;
    const bool keep_alive = reader_.keeps_alive();
    const bool head_only = asked.method == method::head;
    const auto answer = owner_.answer(std::move(asked));
    if (!answer.later) return reply(answer, keep_alive, head_only);
    enter(phase::answering);
    answer.later([asking = weak_from_this(), keep_alive, head_only](const response& made) {
        const auto self = asking.lock();
        if (self && self->phase_ == phase::answering) self->reply(made, keep_alive, head_only);
    });
}

void connection::reply(const response& answer, bool keep_alive, bool head_only) {
    write(
        to_wire(answer,
                {.now = std::chrono::system_clock::now(), .keep_alive = keep_alive, .head_only = head_only}),
        keep_alive ? &connection::proceed : &connection::shut_down);
}

void connection::fail(const error& what) {
    write(to_wire(owner_.answer_fault(what), {.now = std::chrono::system_clock::now(), .keep_alive = false}),
          &connection::drain);
}

void connection::write(std::string wire, void (connection::*then)()) {
    enter(phase::writing);
    wire_ = std::move(wire);
    stream_->async_write(
        boost::asio::buffer(wire_),
        [self = shared_from_this(), then](boost::system::error_code code, std::size_t /*bytes*/) {
            if (self->phase_ == phase::closed) return;
            if (code) return self->close();
            ((*self).*then)();
        });
}

void connection::drain() {
    stay_in(phase::draining);
    wire_.resize(drain_read_bytes);
    stream_->async_read_some(boost::asio::buffer(wire_),
                             [self = shared_from_this()](boost::system::error_code code, std::size_t bytes) {
                                 if (self->phase_ == phase::closed) return;
                                 self->drained_bytes_ += bytes;
                                 if (code || self->drained_bytes_ > drained_bytes_max)
                                     return self->shut_down();
                                 self->drain();
                             });
}

void connection::shut_down() {
    enter(phase::shutdown);
    stream_->async_shutdown([self = shared_from_this()](boost::system::error_code) { self->close(); });
}

}  // namespace turnix::http
