#include "relay/io/polled_engine.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <system_error>
#include <utility>

namespace turnix::io {

namespace {

/// Looks at the epoll set before Asio's other work has its turn.
constexpr int looks_max = 16;
/// What one listener may deliver in one look.
constexpr std::size_t listener_datagrams_max = 256;
/// With less room than this, what is collected leaves first: short receive calls are a waste.
constexpr std::size_t worthwhile_room = 16;

/// Keys of the epoll set: listeners above, the derived engine's below.
constexpr std::uint64_t listener_key = std::uint64_t{1} << 32U;

int make_epoll_set() {
    const int set = ::epoll_create1(EPOLL_CLOEXEC);
    if (set < 0) throw std::system_error{errno, std::generic_category(), "cannot make an epoll set"};
    return set;
}

}  // namespace

polled_engine::polled_engine(boost::asio::io_context& context, std::vector<datagram_listener> listeners,
                             const wake_up_pacer& pacer)
    : events_(events_max), pacer_{pacer}, set_{context, make_epoll_set()} {
    for (datagram_listener& given : listeners) {
        listeners_.push_back(
            {.socket = {.descriptor = std::move(given.socket), .family = given.address.address.family()},
             .address = given.address,
             .any_address = given.address.address.is_unspecified()});
    }
}

void polled_engine::start(datagram_sink& sink) {
    sink_ = &sink;
    for (std::size_t i = 0; i < listeners_.size(); ++i) {
        if (!watch_key(listeners_[i].socket.descriptor, listener_key | i)) {
            throw std::system_error{errno, std::generic_category(), "cannot watch a listener"};
        }
    }
    wait();
}

void polled_engine::wait() {
    set_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                    [this](const boost::system::error_code& error) {
                        if (error) return;
                        let_gather();
                        serve_ready();
                        wait();
                    });
}

void polled_engine::let_gather() noexcept {
    if (!pacer_.is_wanted()) return;
    const auto pause =
        pacer_.on_wake_up(std::chrono::steady_clock::now(), counters_.totals().of(datagram_event::received));
    if (pause.count() == 0) return;
    const timespec time{.tv_sec = 0, .tv_nsec = std::chrono::nanoseconds{pause}.count()};
    ::clock_nanosleep(CLOCK_MONOTONIC, 0, &time, nullptr);
}

void polled_engine::serve_ready() noexcept {
    for (int look = 0; look < looks_max; ++look) {
        if (!serve_once()) return;
    }
}

bool polled_engine::serve_once() noexcept {
    const int count = ::epoll_wait(set_.native_handle(), events_.data(), events_max, 0);
    if (count <= 0) return false;
    sink_->on_batch();
    const std::span ready{events_.data(), static_cast<std::size_t>(count)};
    const auto others = std::ranges::partition(
        ready, [](const epoll_event& event) { return (event.data.u64 & listener_key) != 0; });
    if (ready.size() == events_max) {
        // There is more than one look shows, and a listener may be in what it does not.
        for (std::uint32_t i = 0; i < listeners_.size(); ++i) receive_from_clients(i);
    } else {
        for (auto at = ready.begin(); at != others.begin(); ++at) {
            receive_from_clients(static_cast<std::uint32_t>(at->data.u64));
        }
    }
    for (const epoll_event& event : others) serve(static_cast<std::uint32_t>(event.data.u64), event.events);
    sink_->on_batch_end();
    flush();
    return true;
}

receive_batch::run polled_engine::receive(const file_descriptor& socket, std::size_t limit) noexcept {
    if (received_.room() < worthwhile_room) send_all();
    const auto run = received_.receive(socket, limit);
    if (run.failed) counters_.add(datagram_event::receive_failed);
    return run;
}

void polled_engine::receive_from_clients(std::uint32_t index) noexcept {
    const listener& at = listeners_[index];
    turn::client_path path{
        .client = {}, .server = at.address, .transport = net::transport::udp, .handle = index};
    for (std::size_t taken = 0; taken < listener_datagrams_max;) {
        const auto run = receive(at.socket.descriptor, listener_datagrams_max - taken);
        if (run.count == 0) return;
        taken += run.count;
        show_each(run, [&](const received_datagram& datagram) noexcept {
            path.client = datagram.from;
            if (at.any_address) path.server.address = datagram.control.local.value_or(at.address.address);
            sink_->on_client_datagram(path, datagram.payload);
        });
        if (received_.room() > 0) return;
    }
}

void polled_engine::send_to_client(const turn::to_client& how, std::span<const std::byte> payload) noexcept {
    auto datagram = towards(how.path, payload);
    datagram.header = how.header();
    datagram.padding = how.padding;
    datagram.control.traffic_class = shown_.traffic_class;
    outgoing_.add(listeners_[how.path.handle].socket, datagram);
}

void polled_engine::send_reply(const turn::client_path& path, std::span<const std::byte> message) noexcept {
    outgoing_.add_copy(listeners_[path.handle].socket, towards(path, message));
}

outgoing_datagram polled_engine::towards(const turn::client_path& path,
                                         std::span<const std::byte> payload) const noexcept {
    outgoing_datagram datagram{.payload = payload, .to = path.client};
    if (listeners_[path.handle].any_address) datagram.control.local = path.server.address;
    return datagram;
}

void polled_engine::send_all() noexcept {
    outgoing_.flush();
    finish_batch();
    received_.clear();
}

bool polled_engine::watch(const file_descriptor& descriptor, std::uint32_t key) noexcept {
    return watch_key(descriptor, key);
}

void polled_engine::unwatch(const file_descriptor& descriptor) noexcept {
    ::epoll_ctl(set_.native_handle(), EPOLL_CTL_DEL, descriptor.get(), nullptr);
}

bool polled_engine::watch_key(const file_descriptor& descriptor, std::uint64_t key) noexcept {
    epoll_event event{.events = EPOLLIN, .data = {.u64 = key}};
    return ::epoll_ctl(set_.native_handle(), EPOLL_CTL_ADD, descriptor.get(), &event) == 0;
}

}  // namespace turnix::io
