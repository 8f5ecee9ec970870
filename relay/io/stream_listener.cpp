#include "relay/io/stream_listener.hpp"

#include "common/clock/insist.hpp"
#include "relay/io/socket.hpp"

#include <cerrno>
#include <utility>

#include <sys/resource.h>
#include <sys/socket.h>

namespace turnix::io {

namespace {

/// Accepts before others have their turn.
constexpr int accepts_max = 64;

/// The share of the descriptors that connections may use up, in percent: the rest is for relay ports. TLS
/// costs most and stops first.
constexpr rlim_t share_max(stream_protocols serves) noexcept { return serves.tls ? 80 : 90; }

/// The kernel gives the lowest free number: one at this height says that all below are in use.
int highest_descriptor(stream_protocols serves) noexcept {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    return static_cast<int>(limit.rlim_cur / 100 * share_max(serves));
}

/// Memory is looked at once a second, for the node as a whole.
constexpr contract::load_step waits_from(stream_protocols serves) noexcept {
    return serves.tls ? contract::load_step::tls_waits : contract::load_step::newcomers_refused;
}

}  // namespace

stream_listener::stream_listener(boost::asio::io_context& context, stream_listener_socket given,
                                 const contract::load_signal& load, stream_counters& counters,
                                 handler on_accepted)
    : descriptor_{context, given.socket.release()},
      serves_{given.serves},
      load_{load},
      counters_{counters},
      on_accepted_{std::move(on_accepted)},
      highest_descriptor_{highest_descriptor(given.serves)} {}

void stream_listener::start() { wait(); }

void stream_listener::wait() {
    insist([this] {
        descriptor_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                               [this](const boost::system::error_code& error) {
                                   if (error) return;
                                   accept_all();
                                   if (!paused_) wait();
                               });
    });
}

void stream_listener::accept_all() {
    for (int i = 0; i < accepts_max; ++i) {
        if (!accept_one()) return;
    }
}

bool stream_listener::accept_one() {
    if (load_.is_at_least(waits_from(serves_))) return pause();
    auto [socket, client, error] = accept_from(descriptor_.native_handle());
    // A connection that ended before it was accepted is no reason to stop.
    if (!socket.is_open() && !is_out_of_resources(error)) return error != EAGAIN;
    if (!socket.is_open() || socket.get() >= highest_descriptor_) return pause();
    if (!client) return true;
    counters_.add(stream_event::accepted);
    const auto server = bound_endpoint(socket);
    on_accepted_({.socket = std::move(socket), .client = *client, .server = server, .serves = serves_});
    return true;
}

bool stream_listener::pause() noexcept {
    counters_.add(stream_event::accept_paused);
    paused_ = true;
    return false;
}

void stream_listener::on_tick() {
    if (std::exchange(paused_, false)) wait();
}

void stream_listener::close() {
    boost::system::error_code ignored;
    descriptor_.close(ignored);
    paused_ = false;
}

}  // namespace turnix::io
