// How the node is: /healthz, /readyz, /version and /metrics, without a token, on a listener and a thread of
// their own, so that they answer when the control thread does not.
//
// Made, started and stopped on the main thread. /healthz says whether every loop of the process turns;
// /readyz whether new sessions are welcome, and if not, why; and what the node has to do without.
#pragma once

#include "api/http/router.hpp"
#include "api/http/server.hpp"
#include "common/net/endpoint.hpp"
#include "daemon/io_thread.hpp"
#include "daemon/loop_watch.hpp"
#include "daemon/node_metrics.hpp"

#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace turnix::daemon {

class status_server {
  public:
    /// What it asks the node for, on its own thread.
    struct sources {
        std::function<node_figures()> figures;  ///< all but is_ready
        std::function<std::vector<loop_pulse>()> loops;
        std::function<contract::relay_load()> load;
        std::function<std::vector<std::string>()> degraded;  ///< what the node does without, and serves
    };

    /// Binds; throws std::runtime_error with address, reason and remedy.
    status_server(const net::endpoint& address, sources asked);
    status_server(const status_server&) = delete;
    status_server& operator=(const status_server&) = delete;

    void start();
    void stop();
    /// As it was really bound.
    [[nodiscard]] const net::endpoint& address() const noexcept { return address_; }
    [[nodiscard]] loop_pulse pulse() const { return {.name = thread_.name(), .ticks = thread_.ticks()}; }
    [[nodiscard]] bool has_failed() const noexcept { return thread_.has_failed(); }

  private:
    void watch_loops();
    [[nodiscard]] std::vector<std::string> reasons_not_ready() const;
    [[nodiscard]] http::response healthz() const;
    [[nodiscard]] http::response readyz() const;
    [[nodiscard]] http::response metrics(const http::request& asked) const;

    sources sources_;
    http::router router_;
    io_thread thread_{"status"};
    boost::asio::steady_timer timer_{thread_.io()};
    loop_watch watch_;
    std::vector<std::string> stuck_;
    http::server server_;
    net::endpoint address_;
};

}  // namespace turnix::daemon
