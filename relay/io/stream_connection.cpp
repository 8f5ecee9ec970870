#include "relay/io/stream_connection.hpp"

#include "relay/io/socket.hpp"
#include "relay/stun/stream_framer.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <new>
#include <tuple>
#include <utility>
#include <variant>

namespace turnix::io {

namespace {
/// Reads before others have their turn.
constexpr int reads_max = 8;
/// A message that was only announced takes no more memory than this ahead of its bytes.
constexpr std::size_t ahead_bytes_max = 4'096;
/// An idle connection keeps no larger buffer for partial messages.
constexpr std::size_t idle_capacity_max = 4'096;
/// Answers that wait for a client without an allocation, before further ones are left out.
constexpr std::size_t strangers_queue_bytes_max = 8'192;
/// What it is heard out for before others have their turn.
constexpr std::size_t strangers_read_bytes = 4'096;
}  // namespace

stream_connection::stream_connection(boost::asio::io_context& context, stream_environment& environment,
                                     parts given, monotonic_time now)
    : environment_{environment},
      descriptor_{context},
      path_{given.path},
      opening_{std::move(given.opening)},
      idle_{std::move(given.lease)},
      queue_{environment.queue_limits},
      since_{now},
      last_written_{now} {
    descriptor_.assign(given.socket.get());
    std::ignore = given.socket.release();
}

void stream_connection::start() { resume(); }

void stream_connection::send_media(monotonic_time now, const message_parts& message) {
    if (queue_.empty()) last_written_ = now;
    count(queue_.push_media(now, message));
}

void stream_connection::send_answer(monotonic_time now, const message_parts& message) {
    if (queue_.empty()) last_written_ = now;
    if (idle_ && queue_.waiting_bytes() > strangers_queue_bytes_max) return count(admittance::full);
    count(queue_.push_answer(now, message));
}

void stream_connection::count(admittance outcome) noexcept {
    if (outcome == admittance::full) environment_.counters.add(stream_event::dropped_full);
    if (outcome == admittance::late) environment_.counters.add(stream_event::dropped_late);
}

void stream_connection::advance(monotonic_time now) {
    if (phase_ == phase::opening) look_at_opening();
    if (phase_ == phase::handshake) shake_hands(now);
    if (closed_ || phase_ == phase::opening || phase_ == phase::handshake) return;
    read(now);
    flush(now);
}

void stream_connection::look_at_opening() {
    const auto state = opening_.advance(descriptor_.native_handle());
    if (state == progress::made) return become_what_it_opened_as();
    if (state != progress::ended) return wait_for(state);
    const auto fault = opening_.fault();
    if (!fault) return close();
    fail(*fault == proxy_error::version_1 ? stream_event::proxy_version_1 : stream_event::proxy_malformed);
}

void stream_connection::become_what_it_opened_as() {
    path_.transport = opening_.transport();
    if (const auto& proxied = opening_.endpoints()) {
        path_.client = proxied->client;
        path_.server = proxied->server;
    }
    if (!idle_) idle_ = environment_.idle.admit(path_.client.address);
    const int socket = descriptor_.native_handle();
    channel_ = path_.transport == net::transport::tls ? make_tls_channel(socket, *environment_.tls)
                                                      : make_tcp_channel(socket);
    if (!idle_ || !channel_) return fail(stream_event::refused);
    phase_ = phase::handshake;
}

void stream_connection::shake_hands(monotonic_time now) {
    const auto state = channel_->handshake();
    if (state == progress::made) {
        phase_ = phase::first_message;
        if (path_.transport == net::transport::tls) since_ = now;
    } else if (state == progress::ended) {
        fail(stream_event::handshake_failed);
    } else {
        wait_for(state);
    }
}

void stream_connection::read(monotonic_time now) {
    for (int i = 0; i < (idle_ ? 1 : reads_max); ++i) {
        if (leaves_answers(now)) return;
        if (!read_once(now)) return;
    }
    // TLS may hold bytes that the socket no longer shows: come back without waiting for it.
    try {
        boost::asio::post(descriptor_.get_executor(), [self = shared_from_this()] { self->resume(); });
    } catch (const std::bad_alloc&) {
        resumes_on_tick_ = true;
    }
}

// Who has no allocation and does not take the answers is not heard until it does: flush() waits for that.
bool stream_connection::leaves_answers(monotonic_time now) {
    if (!idle_) return false;
    flush(now);
    return closed_ || !queue_.empty();
}

bool stream_connection::read_once(monotonic_time now) {
    const bool continues = !partial_.empty();
    const std::size_t had = partial_.size();
    if (continues) partial_.resize(had + std::min(missing_, ahead_bytes_max));
    const auto fresh = idle_ ? environment_.scratch.first(strangers_read_bytes) : environment_.scratch;
    const auto into = continues ? std::span{partial_}.subspan(had) : fresh;
    const auto [state, bytes] = channel_->read(into);
    if (continues) partial_.resize(had + bytes);
    if (state == progress::ended) {
        close();
        return false;
    }
    if (state != progress::made) {
        wait_for(state);
        return false;
    }
    if (continues && bytes < missing_) {
        missing_ -= bytes;
        return true;
    }
    const auto rest = dispatch(continues ? std::span<const std::byte>{partial_} : into.first(bytes));
    on_messages(now);
    if (closed_) return false;
    if (successor_ && rest) {
        hand_over(*rest);
        return false;
    }
    if (!rest) {
        fail(stream_event::malformed);
        return false;
    }
    if (!continues) {
        partial_.assign(rest->begin(), rest->end());
    } else if (rest->empty()) {
        partial_.clear();
        if (partial_.capacity() > idle_capacity_max) partial_.shrink_to_fit();
    }
    return true;
}

std::optional<std::span<const std::byte>> stream_connection::dispatch(std::span<const std::byte> readable) {
    while (!readable.empty()) {
        const auto next = stun::next_message(readable);
        if (const auto* more = std::get_if<stun::need_more>(&next)) {
            missing_ = more->bytes;
            return readable;
        }
        const auto* framed = std::get_if<stun::framed_message>(&next);
        if (framed == nullptr) return std::nullopt;
        phase_ = phase::open;
        successor_ = environment_.sink.on_stream_message(path_, framed->message);
        readable = readable.subspan(framed->consumed);
        if (successor_) break;
    }
    return readable;
}

void stream_connection::on_messages(monotonic_time now) {
    environment_.sink.on_stream_batch_end();
    if (closed_ || phase_ != phase::open) return;
    since_ = now;
    if (idle_ && environment_.sink.has_allocation(path_)) stop_being_idle();
}

void stream_connection::stop_being_idle() {
    limit_unsent(descriptor_.native_handle(), false);
    idle_.reset();
}

void stream_connection::become_idle() {
    try {
        idle_ = environment_.idle.readmit(path_.client.address);
        limit_unsent(descriptor_.native_handle(), true);
    } catch (const std::bad_alloc&) {
        // The next tick tries again.
    }
}

void stream_connection::hand_over(std::span<const std::byte> received) {
    closed_ = true;
    stop_being_idle();
    raw_stream left{.socket = file_descriptor{descriptor_.release()},
                    .channel = std::move(channel_),
                    .received = {received.begin(), received.end()},
                    .unsent = {queue_.front().begin(), queue_.front().end()}};
    std::exchange(successor_, nullptr)->take_over(std::move(left));
}

void stream_connection::flush(monotonic_time now) {
    while (!closed_ && !queue_.empty()) {
        // Some clients take a TLS record for a message; TCP has no such borders, and takes all at once.
        const auto next = channel_->has_records() ? queue_.front_message() : queue_.front();
        const auto [state, bytes] = channel_->write(next);
        if (state == progress::ended) return close();
        if (state != progress::made) return wait_for(state);
        queue_.consume(bytes);
        last_written_ = now;
    }
}

void stream_connection::on_tick(monotonic_time now) {
    if (std::exchange(resumes_on_tick_, false)) resume();
    if (closed_) return;
    if (phase_ == phase::open && !idle_ && !environment_.sink.has_allocation(path_)) {
        become_idle();
    }
    if (!queue_.empty() && now - last_written_ > environment_.patience.stalled) {
        fail(stream_event::stalled);
    } else if (is_out_of_time(now)) {
        fail(stream_event::timed_out);
    }
}

bool stream_connection::is_out_of_time(monotonic_time now) const noexcept {
    const auto& patience = environment_.patience;
    switch (phase_) {
        case phase::opening:
        case phase::handshake:
            return now - since_ > patience.handshake;
        case phase::first_message:
            return now - since_ > patience.first_message;
        case phase::open:
            break;
    }
    return idle_ && now - since_ > patience.idle;
}

void stream_connection::fail(stream_event why) {
    environment_.counters.add(why);
    close();
}

void stream_connection::close() {
    if (std::exchange(closed_, true)) return;
    channel_.reset();
    boost::system::error_code ignored;
    descriptor_.close(ignored);
    idle_.reset();
    environment_.sink.on_stream_closed(path_);
}

void stream_connection::wait_for(progress wanted) {
    auto& waits = wanted == progress::wants_read ? waits_for_read_ : waits_for_write_;
    if (std::exchange(waits, true)) return;
    try {
        wanted == progress::wants_read ? wait_for_read() : wait_for_write();
    } catch (const std::bad_alloc&) {
        waits = false;
        resumes_on_tick_ = true;
    }
}

void stream_connection::wait_for_read() {
    descriptor_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                           [self = shared_from_this()](const boost::system::error_code&) {
                               self->waits_for_read_ = false;
                               self->resume();
                           });
}

void stream_connection::wait_for_write() {
    descriptor_.async_wait(boost::asio::posix::descriptor_base::wait_write,
                           [self = shared_from_this()](const boost::system::error_code&) {
                               self->waits_for_write_ = false;
                               self->resume();
                           });
}

void stream_connection::resume() {
    if (closed_) return;
    try {
        advance(environment_.sink.on_stream_batch());
    } catch (const std::bad_alloc&) {
        // What it has read may be lost: what followed would make no sense.
        fail(stream_event::out_of_memory);
    }
}

}  // namespace turnix::io
