#include "relay/io/polled_engine.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <system_error>
#include <utility>

namespace turnix::io {

namespace {

/// What one listener may deliver in one look.
constexpr std::size_t listener_datagrams_max = 256;
/// With less room than this, what is collected leaves first: short receive calls are a waste.
constexpr std::size_t worthwhile_room = 16;

/// Keys of the epoll set: listeners above, the derived engine's below.
constexpr std::uint64_t listener_key = std::uint64_t{1} << 32U;

file_descriptor make_epoll_set() {
    file_descriptor set{::epoll_create1(EPOLL_CLOEXEC)};
    if (!set.is_open()) throw std::system_error{errno, std::generic_category(), "cannot make an epoll set"};
    return set;
}

}  // namespace

polled_engine::polled_engine(boost::asio::io_context& context, std::vector<datagram_listener> listeners,
                             const wake_up_pacer& pacer)
    : listening_engine{context, make_epoll_set(), std::move(listeners), pacer}, events_(events_max) {}

void polled_engine::start(datagram_sink& sink) {
    for (std::size_t i = 0; i < listeners().size(); ++i) {
        if (!watch_key(listeners()[i].socket.descriptor, listener_key | i)) {
            throw std::system_error{errno, std::generic_category(), "cannot watch a listener"};
        }
    }
    listening_engine::start(sink);
}

bool polled_engine::serve_once() noexcept {
    const int count = ::epoll_wait(ready(), events_.data(), events_max, 0);
    if (count <= 0) return false;
    sink().on_batch();
    const std::span shown{events_.data(), static_cast<std::size_t>(count)};
    const auto others = std::ranges::partition(
        shown, [](const epoll_event& event) { return (event.data.u64 & listener_key) != 0; });
    if (shown.size() == events_max) {
        // There is more than one look shows, and a listener may be in what it does not.
        for (std::uint32_t i = 0; i < listeners().size(); ++i) receive_from_clients(i);
    } else {
        for (auto at = shown.begin(); at != others.begin(); ++at) {
            receive_from_clients(static_cast<std::uint32_t>(at->data.u64));
        }
    }
    for (const epoll_event& event : others) serve(static_cast<std::uint32_t>(event.data.u64), event.events);
    sink().on_batch_end();
    flush();
    return true;
}

receive_batch::run polled_engine::receive(const file_descriptor& socket, std::size_t limit) noexcept {
    if (received_.room() < worthwhile_room) send_all();
    const auto run = received_.receive(socket, limit);
    if (run.failed) count().add(datagram_event::receive_failed);
    return run;
}

void polled_engine::receive_from_clients(std::uint32_t index) noexcept {
    const listener& at = listeners()[index];
    for (std::size_t taken = 0; taken < listener_datagrams_max;) {
        const auto run = receive(at.socket.descriptor, listener_datagrams_max - taken);
        if (run.count == 0) return;
        taken += run.count;
        in_groups(run, [&](const receive_batch::run& group) noexcept { show_clients(index, group); });
        if (received_.room() > 0) return;
    }
}

void polled_engine::show_clients(std::uint32_t index, const receive_batch::run& group) noexcept {
    std::array<turn::client_path, turn::fetched_ahead_max> paths;
    std::ranges::transform(
        received_.datagrams(group), paths.begin(),
        [&](const received_datagram& datagram) noexcept { return path_of(index, datagram); });
    sink().on_clients_ahead(std::span{paths}.first(group.count));
    for (std::size_t i = 0; i < group.count; ++i) {
        show_each({.first = group.first + i, .count = 1}, [&](const received_datagram& datagram) noexcept {
            sink().on_client_datagram(paths[i], datagram.payload);
        });
    }
}

void polled_engine::send_all() noexcept {
    outgoing().flush();
    finish_batch();
    received_.clear();
}

bool polled_engine::watch(const file_descriptor& descriptor, std::uint32_t key) noexcept {
    return watch_key(descriptor, key);
}

void polled_engine::unwatch(const file_descriptor& descriptor) noexcept {
    ::epoll_ctl(ready(), EPOLL_CTL_DEL, descriptor.get(), nullptr);
}

bool polled_engine::watch_key(const file_descriptor& descriptor, std::uint64_t key) noexcept {
    epoll_event event{.events = EPOLLIN, .data = {.u64 = key}};
    return ::epoll_ctl(ready(), EPOLL_CTL_ADD, descriptor.get(), &event) == 0;
}

}  // namespace turnix::io
