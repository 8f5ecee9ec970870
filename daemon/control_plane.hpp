// The control plane that nodes share by way of a database, as far as the configuration names one: carries
// rows between it and the store, and has the directories look at what came.
//
// Made, started and stopped on the main thread. The carrier has a thread; directories look on the desk's.
#pragma once

#include "api/auth/tenant_directory.hpp"
#include "api/auth/token_directory.hpp"
#include "api/store/store.hpp"
#include "api/upstream/carrier.hpp"
#include "api/webhooks/webhook_directory.hpp"
#include "common/config/settings.hpp"
#include "common/telemetry/rate_limited_log.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <optional>
#include <string>
#include <vector>

namespace turnix::daemon {

/// Empty when none is configured. Throws std::runtime_error.
std::string upstream_url_of(const config::store_settings& settings);

class control_plane {
  public:
    struct parts {
        store::store& records;
        auth::tenant_directory& tenants;
        auth::token_directory& tokens;
        webhooks::webhook_directory& hooks;
        boost::asio::any_io_executor desk;
        bool others_answer{false};  ///< other nodes are asked for their sessions
    };
    /// What it refers to outlives it; it outlives the last run of the desk. Throws std::runtime_error.
    control_plane(const config::store_settings& settings, parts of);

    void start();
    void stop() noexcept;
    /// Zero when none is configured. Any thread.
    [[nodiscard]] upstream::figures figures() const;
    /// "upstream" while the database is away. Any thread.
    [[nodiscard]] std::vector<std::string> degraded() const;

  private:
    void take_over(upstream::shared_kind kind, const std::vector<upstream::shared_id>& rows);

    parts parts_;
    telemetry::rate_limited_log failures_{"daemon"};
    std::optional<upstream::carrier> carrier_;
};

}  // namespace turnix::daemon
