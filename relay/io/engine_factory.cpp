#include "relay/io/engine_factory.hpp"

#include "relay/io/epoll_engine.hpp"
#include "relay/io/reserved_ports.hpp"
#include "relay/io/shared_engine.hpp"
#include "relay/io/shared_sockets.hpp"
#include "relay/io/uring_engine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace turnix::io {

namespace {
constexpr std::array<std::string_view, 4> names{"auto", "shared", "uring", "epoll"};
}

engine_factory::engine_factory(engine_options options) : options_{std::move(options)} {
    if (std::ranges::find(names, options_.name) == names.end()) {
        throw std::runtime_error{fmt::format("relay.engine: there is no engine \"{}\"; use {}", options_.name,
                                             fmt::join(names, ", "))};
    }
    if (options_.name == "epoll") return;
    if (options_.name != "uring" && try_shared()) return;
    try_uring();
}

bool engine_factory::try_shared() {
    try {
        for (const net::address& address : options_.relay_addresses) {
            open_raw_sender(address);
            open_icmp_socket(address.family());
        }
        steering_ = std::make_unique<port_steering>(options_.relay_addresses, options_.workers);
    } catch (const std::system_error& error) {
        reason_ = fmt::format("no shared engine: {}", error.what());
        return false;
    }
    name_ = "shared";
    hold_ports_ = !are_reserved(options_.ports);
    if (hold_ports_) {
        reason_ = fmt::format(
            "each relay port holds a descriptor, because {}-{} is not in net.ipv4.ip_local_reserved_ports",
            options_.ports.first, options_.ports.last);
    }
    return true;
}

void engine_factory::try_uring() {
    try {
        uring_engine::probe();
        name_ = "uring";
    } catch (const std::system_error& error) {
        reason_ += fmt::format("{}no uring engine: {}", reason_.empty() ? "" : "; ", error.what());
    }
}

std::unique_ptr<datagram_engine> engine_factory::make(boost::asio::io_context& context,
                                                      std::vector<datagram_listener> listeners) {
    assert(made_ < options_.workers);
    const std::size_t worker = made_++;
    const wake_up_pacer pacer{options_.coalesce};
    if (name_ == "epoll") return std::make_unique<epoll_engine>(context, std::move(listeners), pacer);
    if (name_ == "uring") return std::make_unique<uring_engine>(context, std::move(listeners), pacer);
    return std::make_unique<shared_engine>(context, std::move(listeners),
                                           shared_engine_options{.steering = *steering_,
                                                                 .relay_addresses = options_.relay_addresses,
                                                                 .worker = worker,
                                                                 .pacer = pacer,
                                                                 .hold_ports = hold_ports_});
}

}  // namespace turnix::io
