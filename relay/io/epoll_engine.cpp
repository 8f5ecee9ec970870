#include "relay/io/epoll_engine.hpp"

#include "relay/io/error_queue.hpp"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <system_error>
#include <utility>

namespace turnix::io {

namespace {

/// Looks at the epoll set before Asio's other work has its turn.
constexpr int looks_max = 16;
/// What one socket may deliver in one look.
constexpr std::size_t listener_datagrams_max = 256;
constexpr std::size_t relay_datagrams_max = 32;
constexpr int relay_errors_max = 16;
/// With less room than this, what is collected leaves first: short receive calls are a waste.
constexpr std::size_t worthwhile_room = 16;

/// Keys of the epoll set: listeners above, relay handles below.
constexpr std::uint64_t listener_key = std::uint64_t{1} << 32U;

int make_epoll_set() {
    const int set = ::epoll_create1(EPOLL_CLOEXEC);
    if (set < 0) throw std::system_error{errno, std::generic_category(), "cannot make an epoll set"};
    return set;
}

}  // namespace

epoll_engine::epoll_engine(boost::asio::io_context& context, std::vector<datagram_listener> listeners)
    : events_(events_max), set_{context, make_epoll_set()} {
    for (datagram_listener& given : listeners) {
        listeners_.push_back(
            {.socket = {.descriptor = std::move(given.socket), .family = given.address.address.family()},
             .address = given.address,
             .any_address = given.address.address.is_unspecified()});
    }
}

void epoll_engine::start(datagram_sink& sink) {
    sink_ = &sink;
    for (std::size_t i = 0; i < listeners_.size(); ++i) {
        if (!watch(listeners_[i].socket.descriptor, listener_key | i)) {
            throw std::system_error{errno, std::generic_category(), "cannot watch a listener"};
        }
    }
    wait();
}

void epoll_engine::wait() {
    set_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                    [this](const boost::system::error_code& error) {
                        if (error) return;
                        serve();
                        wait();
                    });
}

void epoll_engine::serve() noexcept {
    for (int look = 0; look < looks_max; ++look) {
        if (!serve_once()) return;
    }
}

bool epoll_engine::serve_once() noexcept {
    const int count = ::epoll_wait(set_.native_handle(), events_.data(), events_max, 0);
    if (count <= 0) return false;
    sink_->on_batch();
    const std::span ready{events_.data(), static_cast<std::size_t>(count)};
    const auto relays = std::ranges::partition(
        ready, [](const epoll_event& event) { return (event.data.u64 & listener_key) != 0; });
    if (ready.size() == events_max) {
        // There is more than one look shows, and a listener may be in what it does not.
        for (std::uint32_t i = 0; i < listeners_.size(); ++i) receive_from_clients(i);
    } else {
        for (auto at = ready.begin(); at != relays.begin(); ++at) {
            receive_from_clients(static_cast<std::uint32_t>(at->data.u64));
        }
    }
    for (const epoll_event& event : relays) {
        const auto index = static_cast<std::uint32_t>(event.data.u64);
        if ((event.events & EPOLLERR) != 0) receive_errors(index);
        receive_from_peers(index);
    }
    sink_->on_batch_end();
    flush();
    return true;
}

receive_batch::run epoll_engine::receive(const file_descriptor& socket, std::size_t limit) noexcept {
    if (received_.room() < worthwhile_room) flush();
    const auto run = received_.receive(socket, limit);
    counters_.add(datagram_event::received, run.count);
    if (run.failed) counters_.add(datagram_event::receive_failed);
    return run;
}

void epoll_engine::receive_from_clients(std::uint32_t index) noexcept {
    const listener& at = listeners_[index];
    turn::client_path path{
        .client = {}, .server = at.address, .transport = net::transport::udp, .handle = index};
    for (std::size_t taken = 0; taken < listener_datagrams_max;) {
        const auto run = receive(at.socket.descriptor, listener_datagrams_max - taken);
        if (run.count == 0) return;
        taken += run.count;
        for (std::size_t i = run.first; i < run.first + run.count; ++i) {
            const auto datagram = received_.at(i);
            path.client = datagram.from;
            if (at.any_address) path.server.address = datagram.control.local.value_or(at.address.address);
            shown_traffic_class_ = datagram.control.traffic_class;
            sink_->on_client_datagram(path, datagram.payload);
        }
        shown_traffic_class_ = 0;
        if (received_.room() > 0) return;
    }
}

void epoll_engine::receive_from_peers(std::uint32_t index) noexcept {
    const datagram_socket& socket = relays_[index];
    if (!socket.descriptor.is_open()) return;
    const auto run = receive(socket.descriptor, relay_datagrams_max);
    for (std::size_t i = run.first; i < run.first + run.count; ++i) {
        const auto datagram = received_.at(i);
        shown_traffic_class_ = datagram.control.traffic_class;
        sink_->on_peer_datagram({.index = index}, datagram.from, datagram.payload);
        if (!socket.descriptor.is_open()) break;
    }
    shown_traffic_class_ = 0;
}

void epoll_engine::receive_errors(std::uint32_t index) noexcept {
    const datagram_socket& socket = relays_[index];
    for (int taken = 0; taken < relay_errors_max && socket.descriptor.is_open(); ++taken) {
        const auto error = take_error(socket.descriptor);
        if (!error) return;
        if (error->icmp) sink_->on_peer_error({.index = index}, error->sent_to, *error->icmp);
    }
}

result<turn::relay_handle, bind_error> epoll_engine::open_relay(const net::endpoint& local) noexcept {
    auto socket = open_relay_socket(local);
    if (!socket) return socket.error();
    return adopt_relay(std::move(*socket), local.address.family());
}

result<turn::relay_handle, bind_error> epoll_engine::adopt_relay(file_descriptor socket,
                                                                 net::family family) noexcept {
    const bool reused = !free_.empty();
    const auto index = reused ? free_.back() : static_cast<std::uint32_t>(relays_.size());
    if (!watch(socket, index)) return bind_error::out_of_resources;
    if (reused) {
        free_.pop_back();
    } else {
        relays_.emplace_back();
    }
    relays_[index].descriptor = std::move(socket);
    relays_[index].family = family;
    relays_[index].dont_fragment = false;
    return turn::relay_handle{.index = index};
}

void epoll_engine::close_relay(turn::relay_handle handle) noexcept {
    datagram_socket& socket = relays_[handle.index];
    assert(socket.descriptor.is_open());
    outgoing_.flush(socket);
    socket.descriptor.reset();
    retired_.push_back(handle.index);
}

void epoll_engine::send_to_peer(const turn::to_peer& what) noexcept {
    outgoing_.add(relays_[what.from.index], {.payload = what.payload,
                                             .to = what.peer,
                                             .control = {.traffic_class = shown_traffic_class_},
                                             .dont_fragment = what.dont_fragment});
}

void epoll_engine::send_to_client(const turn::to_client& how, std::span<std::byte> payload) noexcept {
    // The receive batch keeps this room around every payload.
    std::byte* const begin = payload.data() - how.header_bytes;
    std::ranges::copy(how.header(), begin);
    std::fill_n(payload.data() + payload.size(), how.padding, std::byte{0});
    const std::span framed{begin, how.header_bytes + payload.size() + how.padding};
    auto datagram = towards(how.path, framed);
    datagram.control.traffic_class = shown_traffic_class_;
    outgoing_.add(listeners_[how.path.handle].socket, datagram);
}

void epoll_engine::send_reply(const turn::client_path& path, std::span<const std::byte> message) noexcept {
    outgoing_.add_copy(listeners_[path.handle].socket, towards(path, message));
}

outgoing_datagram epoll_engine::towards(const turn::client_path& path,
                                        std::span<const std::byte> payload) const noexcept {
    outgoing_datagram datagram{.payload = payload, .to = path.client};
    if (listeners_[path.handle].any_address) datagram.control.local = path.server.address;
    return datagram;
}

void epoll_engine::flush() noexcept {
    outgoing_.flush();
    received_.clear();
    free_.insert(free_.end(), retired_.begin(), retired_.end());
    retired_.clear();
}

bool epoll_engine::watch(const file_descriptor& socket, std::uint64_t key) noexcept {
    epoll_event event{.events = EPOLLIN, .data = {.u64 = key}};
    return ::epoll_ctl(set_.native_handle(), EPOLL_CTL_ADD, socket.get(), &event) == 0;
}

}  // namespace turnix::io
