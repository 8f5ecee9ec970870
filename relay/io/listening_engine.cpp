#include "relay/io/listening_engine.hpp"

#include "common/clock/insist.hpp"

#include <chrono>
#include <ctime>
#include <utility>

namespace turnix::io {

namespace {

/// Looks before Asio's other work has its turn.
constexpr int looks_max = 16;

}  // namespace

listening_engine::listening_engine(boost::asio::io_context& context, file_descriptor ready,
                                   std::vector<datagram_listener> listeners, const wake_up_pacer& pacer,
                                   std::unique_ptr<message_carrier> carrier)
    : outgoing_{counters_, std::move(carrier)}, pacer_{pacer}, ready_{context, ready.release()} {
    for (datagram_listener& given : listeners) {
        listeners_.push_back(
            {.socket = {.descriptor = std::move(given.socket), .family = given.address.address.family()},
             .address = given.address,
             .any_address = given.address.address.is_unspecified()});
    }
}

void listening_engine::start(datagram_sink& sink) {
    sink_ = &sink;
    wait();
}

void listening_engine::wait() {
    insist([this] {
        ready_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                          [this](const boost::system::error_code& error) {
                              if (error) return;
                              let_gather();
                              serve_ready();
                              before_wait();
                              wait();
                          });
    });
}

void listening_engine::let_gather() noexcept {
    if (!pacer_.is_wanted()) return;
    const auto pause =
        pacer_.on_wake_up(std::chrono::steady_clock::now(), counters_.totals().of(datagram_event::received));
    if (pause.count() == 0) return;
    const timespec time{.tv_sec = 0, .tv_nsec = std::chrono::nanoseconds{pause}.count()};
    ::clock_nanosleep(CLOCK_MONOTONIC, 0, &time, nullptr);
}

void listening_engine::serve_ready() noexcept {
    for (int look = 0; look < looks_max; ++look) {
        if (!serve_once()) return;
    }
}

turn::client_path listening_engine::path_of(std::uint32_t index,
                                            const received_datagram& datagram) const noexcept {
    const listener& at = listeners_[index];
    turn::client_path path{
        .client = datagram.from, .server = at.address, .transport = net::transport::udp, .handle = index};
    if (at.any_address) path.server.address = datagram.control.local.value_or(at.address.address);
    return path;
}

void listening_engine::send_to_client(const turn::to_client& how,
                                      std::span<const std::byte> payload) noexcept {
    auto datagram = towards(how.path, payload);
    datagram.header = how.header();
    datagram.padding = how.padding;
    datagram.control.traffic_class = shown_.traffic_class;
    outgoing_.add(listeners_[how.path.handle].socket, datagram);
}

void listening_engine::send_reply(const turn::client_path& path,
                                  std::span<const std::byte> message) noexcept {
    outgoing_.add_copy(listeners_[path.handle].socket, towards(path, message));
}

outgoing_datagram listening_engine::towards(const turn::client_path& path,
                                            std::span<const std::byte> payload) const noexcept {
    outgoing_datagram datagram{.payload = payload, .to = path.client};
    if (listeners_[path.handle].any_address) datagram.control.local = path.server.address;
    return datagram;
}

}  // namespace turnix::io
