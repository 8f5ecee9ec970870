#include "relay/io/stream_server.hpp"

#include "relay/stun/stream_framer.hpp"

#include <algorithm>
#include <exception>
#include <new>
#include <optional>
#include <utility>

namespace turnix::io {

namespace {
/// Several messages a read, and more than the longest.
constexpr std::size_t scratch_bytes = 2 * stun::frame_bytes_max;

write_queue_limits queue_limits_of(const contract::limit_settings& limits) noexcept {
    return {.bytes_max = limits.stream_queue_bytes_max, .age_max = limits.stream_queue_age_max};
}
}  // namespace

stream_server::stream_server(const stream_server_environment& environment,
                             std::vector<stream_listener_socket> listeners)
    : environment_{environment},
      scratch_(listeners.empty() ? 0 : scratch_bytes),
      shared_{.sink = environment.sink,
              .counters = counters_,
              .idle = environment.idle,
              .queue_limits = queue_limits_of(environment.limits),
              .patience = {},
              .scratch = scratch_,
              .tls = environment.tls} {
    for (stream_listener_socket& given : listeners) {
        listeners_.push_back(std::make_unique<stream_listener>(
            environment_.context, std::move(given), environment_.load, counters_,
            [this](accepted_connection accepted) { on_accepted(std::move(accepted)); }));
    }
}

void stream_server::start() {
    for (const auto& listener : listeners_) listener->start();
}

void stream_server::on_accepted(accepted_connection accepted) {
    shared_.queue_limits = queue_limits_of(environment_.limits);  // a reload may have changed them
    try {
        if (begin(std::move(accepted))) return;
    } catch (const std::exception&) {
        // Out of memory, or out of watches: this connection ends, the others go on.
    }
    counters_.add(stream_event::refused);
}

bool stream_server::begin(accepted_connection accepted) {
    // Behind a proxy, whose connection it is shows only with the header.
    const bool behind_proxy = is_trusted_proxy(accepted.client.address);
    auto lease = behind_proxy ? std::nullopt : environment_.idle.admit(accepted.client.address);
    if (!behind_proxy && !lease) return false;
    if (free_.empty()) add_slot();
    const auto handle = free_.back();
    const turn::client_path path{.client = accepted.client,
                                 .server = accepted.server,
                                 .transport = net::transport::tcp,
                                 .handle = handle};
    const monotonic_time now = environment_.sink.on_stream_batch();
    const auto connection = std::make_shared<stream_connection>(
        environment_.context, shared_,
        stream_connection::parts{.socket = std::move(accepted.socket),
                                 .path = path,
                                 .opening = {accepted.serves, behind_proxy},
                                 .lease = std::move(lease)},
        now);
    free_.pop_back();
    connections_[handle] = connection;
    connection->start();
    return true;
}

void stream_server::add_slot() {
    // As many may be free at once as there are: to give one back takes no memory.
    const auto slots = connections_.size() + 1;
    if (free_.capacity() < slots) free_.reserve(2 * slots);
    connections_.emplace_back();
    free_.push_back(static_cast<std::uint32_t>(slots - 1));
}

bool stream_server::is_trusted_proxy(const net::address& source) const noexcept {
    return std::ranges::any_of(environment_.trusted_proxies,
                               [&](const net::cidr& range) { return range.contains(source); });
}

stream_connection* stream_server::find(const turn::client_path& path) const noexcept {
    if (path.handle >= connections_.size()) return nullptr;
    stream_connection* const at = connections_[path.handle].get();
    return at != nullptr && !at->is_closed() && at->path() == path ? at : nullptr;
}

void stream_server::send_to_client(monotonic_time now, const turn::to_client& how,
                                   std::span<const std::byte> payload) noexcept {
    stream_connection* const connection = find(how.path);
    if (connection == nullptr || !is_to_be_flushed(*connection)) return;
    connection->send_media(now, {.header = how.header(), .payload = payload, .padding = how.padding});
}

void stream_server::send_reply(monotonic_time now, const turn::client_path& path,
                               std::span<const std::byte> message) noexcept {
    stream_connection* const connection = find(path);
    if (connection == nullptr || !is_to_be_flushed(*connection)) return;
    connection->send_answer(now, {.header = {}, .payload = message});
}

bool stream_server::is_to_be_flushed(const stream_connection& connection) noexcept {
    const std::uint32_t handle = connection.path().handle;
    if (!queued_.empty() && queued_.back() == handle) return true;
    try {
        queued_.push_back(handle);
        return true;
    } catch (const std::bad_alloc&) {
        counters_.add(stream_event::dropped_full);
        return false;
    }
}

void stream_server::flush(monotonic_time now) {
    for (const std::uint32_t handle : queued_) {
        if (const auto& connection = connections_[handle]) connection->flush(now);
    }
    queued_.clear();
}

void stream_server::on_tick(monotonic_time now) {
    for (std::uint32_t handle = 0; handle < connections_.size(); ++handle) {
        auto& connection = connections_[handle];
        if (!connection) continue;
        connection->on_tick(now);
        if (!connection->is_closed()) continue;
        connection.reset();
        free_.push_back(handle);
    }
    for (const auto& listener : listeners_) listener->on_tick();
}

void stream_server::close() {
    for (const auto& listener : listeners_) listener->close();
    for (const auto& connection : connections_) {
        if (connection) connection->close();
    }
}

}  // namespace turnix::io
