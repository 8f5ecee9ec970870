#include "relay/io/tcp_relay.hpp"

#include <boost/system/system_error.hpp>

#include <new>
#include <utility>

namespace turnix::io {

namespace {
/// One read, and so the most that a direction of a pair holds.
constexpr std::size_t scratch_bytes = 65'536;
}  // namespace

std::optional<bind_error> tcp_relay::open(turn::relay_handle handle, const net::endpoint& local) {
    auto listener = open_peer_listener(local);
    if (!listener) return listener.error();
    try {
        auto opened = std::make_shared<peer_port>(
            context_, sink_,
            peer_port::parts{.handle = handle, .local = local, .listener = std::move(*listener)});
        if (ports_.size() <= handle.index) ports_.resize(handle.index + 1U);
        opened->start();
        ports_[handle.index] = opened;
    } catch (const boost::system::system_error&) {
        return bind_error::out_of_resources;
    } catch (const std::bad_alloc&) {
        return bind_error::out_of_resources;
    }
    return std::nullopt;
}

void tcp_relay::close(turn::relay_handle handle) noexcept {
    if (handle.index >= ports_.size()) return;
    if (const auto port = std::exchange(ports_[handle.index], nullptr)) port->close();
}

bool tcp_relay::connect(turn::relay_handle from, const net::endpoint& peer) noexcept {
    if (from.index >= ports_.size() || !ports_[from.index]) return false;
    try {
        return ports_[from.index]->connect(peer);
    } catch (const boost::system::system_error&) {
        return false;
    } catch (const std::bad_alloc&) {
        return false;
    }
}

std::shared_ptr<stream_successor> tcp_relay::serve(turn::waiting_connection bound) try {
    scratch_.resize(scratch_bytes);
    // Whichever worker made or accepted it, its peer_port did.
    auto& peer = static_cast<peer_socket&>(*bound.stream);
    auto pair = std::make_shared<spliced_pair>(context_, scratch_, std::move(peer.socket), bound.meter);
    pairs_.push_back(pair);
    return pair;
} catch (const std::bad_alloc&) {
    bound.meter->end();
    return nullptr;
}

void tcp_relay::on_tick(monotonic_time now) {
    // What a port tells the sink may close it, or open another one.
    for (std::size_t i = 0; i < ports_.size(); ++i) {
        if (const auto port = ports_[i]) port->on_tick(now);
    }
    for (const auto& each : pairs_) each->on_tick(now);
    std::erase_if(pairs_, [](const auto& each) { return each->is_closed(); });
}

void tcp_relay::close_all() noexcept {
    for (const auto& each : ports_) {
        if (each) each->close();
    }
    ports_.clear();
    for (const auto& each : pairs_) each->close();
    pairs_.clear();
}

}  // namespace turnix::io
