#include "relay/io/spliced_pair.hpp"

#include <boost/asio/post.hpp>

#include <new>
#include <tuple>
#include <utility>

namespace turnix::io {

namespace {
/// Reads of one direction before others have their turn.
constexpr int reads_max = 8;
}  // namespace

spliced_pair::spliced_pair(boost::asio::io_context& context, std::span<std::byte> scratch,
                           file_descriptor peer, std::shared_ptr<turn::connection_meter> meter)
    : scratch_{scratch}, meter_{std::move(meter)}, client_{context}, peer_{context} {
    const int number = peer.get();
    raw_stream own;
    own.socket = std::move(peer);
    own.channel = make_tcp_channel(number);
    attach(peer_, own);
}

void spliced_pair::attach(side& to, raw_stream& from) {
    boost::system::error_code error;
    to.descriptor.assign(from.socket.get(), error);
    if (error) {
        // A channel says goodbye to its socket, which has to be there still.
        from.channel.reset();
        from.socket.reset();
        return close();
    }
    std::ignore = from.socket.release();
    to.channel = std::move(from.channel);
}

void spliced_pair::take_over(raw_stream client) {
    if (closed_) return;
    try {
        attach(client_, client);
        if (closed_) return;
        down_.held = std::move(client.unsent);
        up_.held = std::move(client.received);
        if (!count(up_, up_.held.size())) return close();
        advance();
    } catch (const std::bad_alloc&) {
        close();
    }
}

void spliced_pair::advance() {
    pump(up_);
    if (!closed_) pump(down_);
    if (!closed_ && up_.ended && down_.ended) close();
}

void spliced_pair::pump(direction& along) {
    for (int i = 0; i < reads_max; ++i) {
        if (!pump_once(along)) return;
    }
    // TLS may hold bytes that the socket no longer shows: come back without waiting for it.
    if (std::exchange(comes_back_, true)) return;
    boost::asio::post(client_.descriptor.get_executor(), [self = shared_from_this()] {
        self->comes_back_ = false;
        self->resume();
    });
}

bool spliced_pair::pump_once(direction& along) {
    if (along.ended || !pass_on_held(along)) return false;
    if (along.source_ended) {
        along.to.channel->end_writing();
        along.ended = true;
        return false;
    }
    const auto [state, bytes] = along.from.channel->read(scratch_);
    if (state == progress::ended) {
        along.source_ended = true;
        return true;
    }
    if (state != progress::made) {
        wait_for(along.from, state);
        return false;
    }
    if (!count(along, bytes)) {
        close();
        return false;
    }
    const auto taken = write(along.to, scratch_.first(bytes));
    along.held.assign(scratch_.begin() + static_cast<std::ptrdiff_t>(taken),
                      scratch_.begin() + static_cast<std::ptrdiff_t>(bytes));
    return !closed_;
}

bool spliced_pair::pass_on_held(direction& along) {
    along.passed_on += write(along.to, std::span{along.held}.subspan(along.passed_on));
    if (closed_ || along.passed_on < along.held.size()) return false;
    along.held = {};
    along.passed_on = 0;
    return true;
}

std::size_t spliced_pair::write(side& to, std::span<const std::byte> bytes) {
    std::size_t written = 0;
    while (written < bytes.size()) {
        const auto [state, count] = to.channel->write(bytes.subspan(written));
        if (state == progress::ended) {
            close();
            return written;
        }
        if (state != progress::made) {
            wait_for(to, state);
            return written;
        }
        still_since_.reset();
        written += count;
    }
    return written;
}

bool spliced_pair::count(const direction& along, std::size_t bytes) noexcept {
    return &along == &up_ ? meter_->count_uplink(bytes) : meter_->count_downlink(bytes);
}

void spliced_pair::on_tick(monotonic_time now) {
    if (closed_) return;
    if (!still_since_) still_since_ = now;
    const bool half_closed = up_.ended || down_.ended;
    const bool is_out_of_time = half_closed && now - *still_since_ >= half_closed_patience;
    // The client's connection may have failed before it was handed over.
    const bool has_client = client_.channel != nullptr;
    if (is_out_of_time || !has_client || meter_->has_ended()) close();
}

void spliced_pair::close() {
    if (std::exchange(closed_, true)) return;
    meter_->end();
    for (auto* const each : {&client_, &peer_}) {
        each->channel.reset();
        boost::system::error_code ignored;
        each->descriptor.close(ignored);
    }
}

void spliced_pair::wait_for(side& at, progress wanted) {
    if (wanted == progress::wants_read) {
        wait_for_read(at);
    } else {
        wait_for_write(at);
    }
}

void spliced_pair::wait_for_read(side& at) {
    if (std::exchange(at.waits_for_read, true)) return;
    at.descriptor.async_wait(boost::asio::posix::descriptor_base::wait_read,
                             [self = shared_from_this(), &at](const boost::system::error_code&) {
                                 at.waits_for_read = false;
                                 self->resume();
                             });
}

void spliced_pair::wait_for_write(side& at) {
    if (std::exchange(at.waits_for_write, true)) return;
    at.descriptor.async_wait(boost::asio::posix::descriptor_base::wait_write,
                             [self = shared_from_this(), &at](const boost::system::error_code&) {
                                 at.waits_for_write = false;
                                 self->resume();
                             });
}

void spliced_pair::resume() {
    if (closed_) return;
    try {
        advance();
    } catch (const std::bad_alloc&) {
        close();
    }
}

}  // namespace turnix::io
