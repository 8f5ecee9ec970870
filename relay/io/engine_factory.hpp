// Which datagram engine serves a node, and the engines themselves.
//
// What a node's engines have in common lives here, so it outlives them. Made on the main thread.
#pragma once

#include "common/contract/relay_settings.hpp"
#include "common/net/address.hpp"
#include "relay/io/datagram_engine.hpp"
#include "relay/io/port_steering.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace turnix::io {

struct engine_options {
    std::string_view name;                  ///< relay.engine: "auto" or an engine's name
    std::chrono::microseconds coalesce{0};  ///< see wake_up_pacer
    std::vector<net::address> relay_addresses;
    contract::port_range ports;
    std::size_t workers{1};
};

class engine_factory {
  public:
    /// Tries what the host allows, from the named engine on in the order shared, uring, epoll; auto begins
    /// with the first. Throws std::runtime_error that lists the names when `name` is none.
    explicit engine_factory(engine_options options);

    /// The engine that make makes.
    [[nodiscard]] std::string_view name() const noexcept { return name_; }
    /// What stood in a better one's way, for the log. Empty when nothing did.
    [[nodiscard]] const std::string& reason() const noexcept { return reason_; }

    /// For the workers in order: at most as many as there are. Throws std::system_error.
    [[nodiscard]] std::unique_ptr<datagram_engine> make(boost::asio::io_context& context,
                                                        std::vector<datagram_listener> listeners);

  private:
    bool try_shared();
    void try_uring();

    engine_options options_;
    std::string_view name_{"epoll"};
    std::string reason_;
    std::unique_ptr<port_steering> steering_;  ///< of the shared engines
    bool hold_ports_{true};
    std::size_t made_{0};
};

}  // namespace turnix::io
