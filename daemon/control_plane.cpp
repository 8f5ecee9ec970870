#include "daemon/control_plane.hpp"

#include "api/upstream/outbox.hpp"
#include "api/upstream/url.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>

namespace turnix::daemon {

namespace {

template <class Id>
std::vector<Id> as(const std::vector<upstream::shared_id>& rows) {
    std::vector<Id> ids;
    ids.reserve(rows.size());
    std::ranges::transform(rows, std::back_inserter(ids), [](const auto& each) { return Id{each.bytes}; });
    return ids;
}

}  // namespace

std::string upstream_url_of(const config::store_settings& settings) {
    if (settings.upstream_file) return upstream::load_url(*settings.upstream_file);
    return settings.upstream.empty() ? std::string{} : upstream::checked_url(settings.upstream);
}

control_plane::control_plane(const config::store_settings& settings, parts of) : parts_{std::move(of)} {
    parts_.records.run(
        [this](auto& database) { upstream::set_others_answer(database, parts_.others_answer); });
    auto url = upstream_url_of(settings);
    if (url.empty()) {
        upstream::forget_upstream(parts_.records);
        return;
    }
    carrier_.emplace(upstream::carrier::parts{
        .records = parts_.records,
        .url = std::move(url),
        .changed = [this](upstream::shared_kind kind, std::vector<upstream::shared_id> rows) {
            boost::asio::post(parts_.desk, [this, kind, rows = std::move(rows)] { take_over(kind, rows); });
        }});
}

void control_plane::start() {
    if (carrier_) carrier_->start();
}

void control_plane::stop() noexcept {
    if (carrier_) carrier_->stop();
}

upstream::figures control_plane::figures() const { return carrier_ ? carrier_->now() : upstream::figures{}; }

std::vector<std::string> control_plane::degraded() const {
    if (!carrier_ || carrier_->now().is_connected) return {};
    return {"upstream"};
}

void control_plane::take_over(upstream::shared_kind kind, const std::vector<upstream::shared_id>& rows) try {
    using upstream::shared_kind;
    switch (kind) {
        case shared_kind::organisation:
            return parts_.tenants.look_again(as<organisation_id>(rows));
        case shared_kind::token:
            return parts_.tokens.look_again(as<token_id>(rows));
        case shared_kind::webhook:
            return parts_.hooks.look_again(as<webhook_id>(rows));
        case shared_kind::project:
            break;
        case shared_kind::session:
        case shared_kind::usage:
            return;  // they are in no directory
    }
    const auto projects = as<project_id>(rows);
    parts_.tenants.look_again(projects);
    for (const auto id : projects) {
        if (parts_.tenants.find_project(id)) continue;
        parts_.tokens.forget(id);
        parts_.hooks.forget(id);
    }
} catch (const std::exception& error) {
    failures_.error("what the shared database changed is not in force here: {}", error.what());
}

}  // namespace turnix::daemon
