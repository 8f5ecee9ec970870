#include "bench/turnix_bench/traffic.hpp"

#include "relay/stun/channel_data.hpp"

#include <algorithm>
#include <cstring>

#include <poll.h>

namespace turnix::bench {

using namespace std::chrono_literals;

namespace {

std::uint64_t nanoseconds_now() noexcept {
    return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}

}  // namespace

traffic::traffic(const load& wanted, client_crowd& clients, const io::file_descriptor& peer)
    : wanted_{wanted},
      clients_{clients},
      peer_{peer},
      up_{stun::channel_data_header_bytes + wanted.payload_bytes, wanted.gso},
      down_{wanted.payload_bytes, wanted.gso},
      next_is_up_{wanted.what != mode::p2c} {}

traffic_result traffic::run(std::chrono::milliseconds duration) {
    result_ = {};
    started_ = last_arrival_ = clock::now();
    while (clock::now() - started_ < duration) {
        bool sent = false;
        for (; may_send(); sent = true) send_next();
        receive(sent ? 0ms : 1ms);
        write_off_lost();
    }
    result_.seconds = std::chrono::duration<double>(clock::now() - started_).count();
    while (result_.sent > result_.received + result_.lost && clock::now() - last_arrival_ < 200ms)
        receive(1ms);
    result_.lost = result_.sent - std::min(result_.sent, result_.received);
    return result_;
}

bool traffic::may_send() const noexcept {
    const std::uint64_t on_the_way = result_.sent - std::min(result_.sent, result_.received + result_.lost);
    if (on_the_way + wanted_.burst > wanted_.window) return false;
    if (wanted_.rate == 0) return true;
    const double due =
        static_cast<double>(wanted_.rate) * std::chrono::duration<double>(clock::now() - started_).count();
    return static_cast<double>(result_.sent) < due;
}

void traffic::send_next() noexcept {
    turn_client& client = clients_[next_];
    send_burst& out = next_is_up_ ? up_ : down_;
    const auto header =
        stun::channel_data_header(turn_session::channel, static_cast<std::uint16_t>(wanted_.payload_bytes));
    for (std::size_t i = 0; i < wanted_.burst; ++i) {
        auto datagram = out.add();
        if (next_is_up_) {
            std::ranges::copy(header, datagram.begin());
            datagram = datagram.subspan(header.size());
        }
        const std::uint64_t now = nanoseconds_now();
        std::memcpy(datagram.data(), &now, sizeof now);
    }
    result_.sent +=
        next_is_up_ ? out.send(client.socket, nullptr) : out.send(peer_, &client.session.relayed());
    next_ = (next_ + 1) % clients_.size();
    if (wanted_.what == mode::both && next_ == 0) next_is_up_ = !next_is_up_;
}

void traffic::receive(std::chrono::milliseconds patience) {
    const std::uint64_t before = result_.received;
    if (wanted_.what != mode::p2c) {
        pollfd ready{.fd = peer_.get(), .events = POLLIN, .revents = 0};
        const bool only = wanted_.what == mode::c2p;
        if (::poll(&ready, 1, only ? static_cast<int>(patience.count()) : 0) == 1) {
            received_.receive(peer_, [this](std::span<const std::byte> payload) { take(payload); });
        }
    }
    if (wanted_.what != mode::c2p) {
        clients_.wait(patience, [this](turn_client& client) {
            received_.receive(client.socket, [this](std::span<const std::byte> datagram) {
                const auto data = stun::channel_data::parse(datagram);
                if (data) take(data->payload);
            });
        });
    }
    if (result_.received != before) last_arrival_ = clock::now();
}

void traffic::take(std::span<const std::byte> payload) noexcept {
    if (payload.size() != wanted_.payload_bytes) return;
    std::uint64_t left = 0;
    std::memcpy(&left, payload.data(), sizeof left);
    result_.latency.add(std::chrono::nanoseconds{nanoseconds_now() - left});
    ++result_.received;
}

void traffic::write_off_lost() noexcept {
    // Nothing has come for long: what is on its way will not come any more, and must not stop the rest.
    const std::uint64_t arrived = result_.received + result_.lost;
    if (result_.sent > arrived && clock::now() - last_arrival_ > 50ms) {
        result_.lost += result_.sent - arrived;
        last_arrival_ = clock::now();
    }
}

}  // namespace turnix::bench
