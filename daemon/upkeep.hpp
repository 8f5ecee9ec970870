// What a node looks at again and again: project quotas once a second, what goes out of date once a minute.
//
// The timer is of the control thread; the work may wait for the store and is handed to the desk's thread.
#pragma once

#include "api/sessions/project_quotas_keeper.hpp"
#include "api/sessions/record_keeper.hpp"
#include "common/telemetry/rate_limited_log.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

namespace turnix::daemon {

class upkeep {
  public:
    struct executors {
        boost::asio::any_io_executor timer;
        boost::asio::any_io_executor work;
    };
    /// What it refers to outlives it; it outlives the last run of both executors.
    upkeep(const executors& on, const sessions::project_quotas_keeper::parts& parts,
           sessions::override_book& overrides);

    /// Main thread, before the executors run. Project quotas hold when it returns. Throws store_error.
    void start();

  private:
    void wait();
    void look() noexcept;

    boost::asio::any_io_executor work_;
    boost::asio::steady_timer timer_;
    sessions::project_quotas_keeper quotas_;
    sessions::record_keeper records_;
    int looks_{0};
    telemetry::rate_limited_log failures_{"daemon"};
};

}  // namespace turnix::daemon
