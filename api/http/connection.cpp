#include "api/http/connection.hpp"

#include "api/http/message_writer.hpp"
#include "common/clock/insist.hpp"
#include "common/clock/instant.hpp"

#include <boost/asio/post.hpp>

#include <array>
#include <new>
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

/// What the giver of a stream holds of its connection.
class connection::piecewise_body final : public body_stream {
  public:
    explicit piecewise_body(std::weak_ptr<connection> to) : to_{std::move(to)} {}

    void send(std::string_view bytes) override {
        const auto connection = to_.lock();
        if (connection) connection->within_memory([&] { connection->send_piece(bytes); });
    }
    void end() override {
        const auto connection = to_.lock();
        if (connection) connection->within_memory([&] { connection->end_stream(); });
    }
    [[nodiscard]] stream_state state() const noexcept override { return state_; }
    /// Room for what the client says during the stream.
    boost::asio::mutable_buffer unheeded() noexcept { return boost::asio::buffer(unheeded_); }

    /// The first reason counts.
    void close(stream_state why) noexcept {
        if (state_ == stream_state::open) state_ = why;
    }

  private:
    std::weak_ptr<connection> to_;
    std::array<std::byte, 64> unheeded_{};
    stream_state state_{stream_state::open};
};

/// The answer that a connection waits for. Whoever lets go of it without giving it, on whichever thread, had
/// no memory to go on.
class connection::owed_answer {
  public:
    explicit owed_answer(connection& to) : to_{to.weak_from_this()}, executor_{to.timer_.get_executor()} {}
    owed_answer(const owed_answer&) = delete;
    owed_answer& operator=(const owed_answer&) = delete;
    ~owed_answer() {
        if (is_given_ || to_.expired()) return;
        insist([this] {
            boost::asio::post(executor_, [to = to_] {
                if (const auto waits = to.lock()) waits->give_up();
            });
        });
    }

    /// Null when the connection waits no more.
    std::shared_ptr<connection> give() noexcept {
        is_given_ = true;
        auto waits = to_.lock();
        return waits && waits->phase_ == phase::answering ? waits : nullptr;
    }

  private:
    std::weak_ptr<connection> to_;
    boost::asio::any_io_executor executor_;
    bool is_given_{false};
};

connection::connection(boost::asio::io_context& io, std::unique_ptr<byte_stream> stream,
                       std::optional<net::endpoint> remote, const server_limits& limits, owner& above)
    : timer_{io},
      stream_{std::move(stream)},
      remote_{remote},
      limits_{limits},
      owner_{above},
      reader_{message_limits_of(limits)} {}

template <class Step>
void connection::within_memory(const Step& step) {
    try {
        step();
    } catch (const std::bad_alloc&) {
        owner_.on_out_of_memory();
        close();
    }
}

template <class Step>
auto connection::later(Step step) {
    return [self = shared_from_this(), step](boost::system::error_code code, auto... bytes) {
        if (self->phase_ == phase::closed) return;
        self->within_memory([&] { step(*self, code, bytes...); });
    };
}

void connection::start() {
    within_memory([this] {
        enter(phase::handshake);
        stream_->async_handshake(later([](connection& self, boost::system::error_code code) {
            if (code) return self.close();
            self.enter(phase::header);
            self.read();
        }));
    });
}

void connection::close() {
    if (phase_ == phase::closed) return;
    phase_ = phase::closed;
    if (body_) body_->close(stream_state::ended);
    timer_.cancel();
    stream_->close();
    owner_.on_connection_end(*this);
}

bool connection::waits_for_client() const noexcept {
    return phase_ != phase::answering && phase_ != phase::closed && !is_streaming();
}

void connection::enter(phase next) {
    phase_ = next;
    since_ = std::chrono::steady_clock::now();
    deadline_ = since_ + time_of(next);
    owner_.on_phase(*this);
    if (!is_waiting_ || deadline_ < timer_.expiry()) wait();
}

/// Most deadlines move on before they are reached, and the wait under way serves the next one.
void connection::wait() {
    is_waiting_ = true;
    timer_.expires_at(deadline_);
    timer_.async_wait(later([](connection& self, boost::system::error_code code) {
        if (code || self.timer_.expiry() > std::chrono::steady_clock::now()) return;  // another one waits
        self.is_waiting_ = false;
        if (self.phase_ == phase::stream_quiet) return;
        if (self.deadline_ > std::chrono::steady_clock::now()) return self.wait();
        self.on_time_over();
    }));
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
        case phase::stream_writing:
            return limits_.write_time;
        case phase::draining:
            return drain_time;
        case phase::shutdown:
            return shutdown_time;
        case phase::idle:
        case phase::stream_quiet:
        case phase::closed:
            break;
    }
    return limits_.idle_time;
}

void connection::on_time_over() {
    if (phase_ == phase::stream_writing) body_->close(stream_state::too_slow);
    if (phase_ != phase::header && phase_ != phase::body) return close();
    timed_out_ = true;
    stream_->cancel();  // the read under way goes on in its completion
}

void connection::read() {
    stream_->async_read_some(
        reader_.prepare(), later([](connection& self, boost::system::error_code code, std::size_t bytes) {
            if (self.timed_out_) {
                return self.fail(
                    {.code = error_code::request_timeout, .message = "The request did not arrive in time."});
            }
            if (code) return self.shut_down();
            self.reader_.commit(bytes);
            self.proceed();
        }));
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
                         later([](connection& self, boost::system::error_code code, std::size_t /*bytes*/) {
                             if (code) return self.close();
                             self.read();
                         }));
}

void connection::on_request() {
    auto asked = reader_.take();
    asked.remote = remote_;
    asked.origin = remote_ ? origin::network : origin::control_socket;
    const bool keep_alive = reader_.keeps_alive();
    const bool head_only = asked.method == method::head;
    const auto answer = answer_to(std::move(asked));
    if (!answer.later) return reply(answer, keep_alive, head_only);
    enter(phase::answering);
    auto owed = std::make_shared<owed_answer>(*this);
    answer.later([owed = std::move(owed), keep_alive, head_only](const response& made) {
        const auto self = owed->give();
        if (self) self->within_memory([&] { self->reply(made, keep_alive, head_only); });
    });
}

response connection::answer_to(request asked) {
    try {
        return owner_.answer(std::move(asked));
    } catch (const std::bad_alloc&) {
        return owner_.answer_fault(short_of_memory());
    }
}

void connection::give_up() {
    if (phase_ != phase::answering) return;
    within_memory([this] { fail(short_of_memory()); });
}

void connection::reply(const response& answer, bool keep_alive, bool head_only) {
    if (answer.stream) return open_stream(answer);
    lasting_ = head_only ? std::string_view{} : answer.lasting_body;
    write(
        to_wire(answer,
                {.now = std::chrono::system_clock::now(), .keep_alive = keep_alive, .head_only = head_only}),
        keep_alive ? &connection::proceed : &connection::shut_down);
}

void connection::open_stream(const response& answer) {
    body_ = std::make_shared<piecewise_body>(weak_from_this());
    pieces_ = to_wire(answer, {.now = std::chrono::system_clock::now(), .keep_alive = false});
    write_pieces();
    watch();
    answer.stream(body_);
}

void connection::send_piece(std::string_view bytes) {
    if (!is_streaming() || ends_when_written_) return;
    const auto waiting = wire_.size() + pieces_.size();
    if (waiting > limits_.stream_queue_bytes_max || bytes.size() > limits_.stream_queue_bytes_max - waiting) {
        body_->close(stream_state::too_slow);
        return close();
    }
    pieces_ += bytes;
    if (phase_ == phase::stream_quiet) write_pieces();
}

void connection::end_stream() {
    if (!is_streaming()) return;
    body_->close(stream_state::ended);
    ends_when_written_ = true;
    if (phase_ == phase::stream_quiet) shut_down();
}

void connection::write_pieces() {
    enter(phase::stream_writing);
    wire_ = std::exchange(pieces_, {});
    stream_->async_write(boost::asio::buffer(wire_),
                         later([](connection& self, boost::system::error_code code, std::size_t /*bytes*/) {
                             if (code) return self.close();
                             self.wire_.clear();
                             if (!self.pieces_.empty()) return self.write_pieces();
                             if (self.ends_when_written_) return self.shut_down();
                             self.phase_ = phase::stream_quiet;
                         }));
}

void connection::watch() {
    stream_->async_read_some(body_->unheeded(),
                             later([](connection& self, boost::system::error_code code, std::size_t bytes) {
                                 self.drained_bytes_ += bytes;
                                 if (code || self.drained_bytes_ > drained_bytes_max) return self.close();
                                 self.watch();
                             }));
}

void connection::fail(const error& what) {
    write(to_wire(owner_.answer_fault(what), {.now = std::chrono::system_clock::now(), .keep_alive = false}),
          &connection::drain);
}

void connection::write(std::string wire, void (connection::*then)()) {
    enter(phase::writing);
    wire_ = std::move(wire);
    write_each(boost::asio::buffer(wire_), then);
}

void connection::write_each(boost::asio::const_buffer bytes, void (connection::*then)()) {
    stream_->async_write(
        bytes, later([then](connection& self, boost::system::error_code code, std::size_t /*bytes*/) {
            if (code) return self.close();
            const auto lasting = std::exchange(self.lasting_, {});
            if (!lasting.empty()) return self.write_each(boost::asio::buffer(lasting), then);
            (self.*then)();
        }));
}

void connection::drain() {
    stay_in(phase::draining);
    wire_.resize(drain_read_bytes);
    stream_->async_read_some(boost::asio::buffer(wire_),
                             later([](connection& self, boost::system::error_code code, std::size_t bytes) {
                                 self.drained_bytes_ += bytes;
                                 if (code || self.drained_bytes_ > drained_bytes_max) return self.shut_down();
                                 self.drain();
                             }));
}

void connection::shut_down() {
    enter(phase::shutdown);
    stream_->async_shutdown(later([](connection& self, boost::system::error_code) { self.close(); }));
}

}  // namespace turnix::http
