#include "daemon/upkeep.hpp"

#include "common/clock/run_after.hpp"

#include <boost/asio/post.hpp>

#include <chrono>
#include <exception>

namespace turnix::daemon {

namespace {

constexpr std::chrono::seconds interval{1};
constexpr int looks_per_tidying = 60;

}  // namespace

upkeep::upkeep(const executors& on, const sessions::project_quotas_keeper::parts& parts,
               sessions::override_book& overrides)
    : work_{on.work}, timer_{on.timer}, quotas_{parts}, records_{parts.tenants, parts.records, overrides} {}

void upkeep::start() {
    const auto now = instant::now().wall;
    quotas_.look(now);
    records_.tidy(now);
    wait();
}

void upkeep::wait() {
    run_after(timer_, interval, [this] {
        wait();
        boost::asio::post(work_, [this] { look(); });
    });
}

void upkeep::look() noexcept try {
    const auto now = instant::now().wall;
    if (++looks_ % looks_per_tidying == 0) records_.tidy(now);
    quotas_.look(now);
} catch (const std::exception& error) {
    failures_.warn("quotas and retention wait for the database: {}", error.what());
}

}  // namespace turnix::daemon
