#include "bench/turnix_bench/client_crowd.hpp"

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <system_error>

#include <sys/socket.h>

namespace turnix::bench {

using namespace std::chrono_literals;

client_crowd::client_crowd(const load& wanted, const login& credential, const net::endpoint& peer)
    : set_{::epoll_create1(EPOLL_CLOEXEC)} {
    for (std::size_t i = 0; i < wanted.allocations; ++i) {
        auto& client = clients_.emplace_back(wanted, credential, peer);
        if (wanted.gso) join_received(client.socket);
        epoll_event event{.events = EPOLLIN, .data = {.u64 = i}};
        if (::epoll_ctl(set_.get(), EPOLL_CTL_ADD, client.socket.get(), &event) != 0) {
            throw std::system_error{errno, std::generic_category(), "cannot watch a client"};
        }
    }
}

void client_crowd::set_up() {
    converse([](const turn_session& session) { return session.is_ready(); });
}

void client_crowd::release() {
    for (turn_client& client : clients_) client.session.release();
    converse([](const turn_session& session) { return session.is_released(); });
}

void client_crowd::wait(std::chrono::milliseconds at_most, const std::function<void(turn_client&)>& ready) {
    const int count = ::epoll_wait(set_.get(), events_.data(), events_max, static_cast<int>(at_most.count()));
    for (int i = 0; i < count; ++i) ready(clients_[events_[static_cast<std::size_t>(i)].data.u64]);
}

void client_crowd::converse(const std::function<bool(const turn_session&)>& done) {
    constexpr auto patience = 500ms;
    constexpr auto give_up_after = 15s;
    std::size_t begun = 0;
    std::size_t finished = 0;
    auto last_progress = std::chrono::steady_clock::now();
    while (finished < clients_.size()) {
        const auto now = std::chrono::steady_clock::now();
        if (now - last_progress > give_up_after) throw std::runtime_error{"the server does not answer"};
        while (begun < clients_.size() && begun - finished < at_once) ask(clients_[begun++]);
        wait(50ms, [&](turn_client& client) {
            if (done(client.session)) return received_.receive(client.socket, [](auto) {});
            if (listen_to(client)) last_progress = now;
            if (done(client.session)) ++finished;
        });
        for (std::size_t i = 0; i < begun && now - last_progress > patience; ++i) {
            if (!done(clients_[i].session) && now - clients_[i].asked > patience) ask(clients_[i]);
        }
    }
}

void client_crowd::ask(turn_client& client) {
    const auto request = client.session.request();
    ::send(client.socket.get(), request.data(), request.size(), MSG_DONTWAIT);
    client.asked = std::chrono::steady_clock::now();
}

bool client_crowd::listen_to(turn_client& client) {
    bool got_on = false;
    received_.receive(client.socket, [&](std::span<const std::byte> message) {
        if (!client.session.on_message(message)) return;
        got_on = true;
        if (!client.session.is_ready() && !client.session.is_released()) ask(client);
    });
    return got_on;
}

}  // namespace turnix::bench
