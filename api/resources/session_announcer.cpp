#include "api/resources/session_announcer.hpp"

#include "api/resources/json_text.hpp"
#include "api/resources/session_json.hpp"

#include <algorithm>
#include <variant>

namespace turnix::api {

namespace {

namespace json = boost::json;

constexpr std::size_t lately_ended_max = 1'000;

}  // namespace

void session_announcer::announce(const contract::session_event& what) {
    std::visit([this](const auto& each) { on(each); }, what);
}

void session_announcer::announce(const store::interrupted_session& what) {
    publish_end(what.project, what.session);
}

void session_announcer::on(const contract::session_started& started) {
    if (std::ranges::find(lately_ended_, started.id) != lately_ended_.end()) return;
    if (!live_.try_emplace(started.id, live_session{.as_started = started}).second) return;
    if (!bus_.is_wanted(events::event_kind::session_started, started.claims->project)) return;
    bus_.publish({.id = event_id::random(),
                  .kind = events::event_kind::session_started,
                  .project = started.claims->project,
                  .at = started.at,
                  .data = json::serialize(described(started.claims->project, row_of(started)))});
}

void session_announcer::on(const contract::session_progress& /*progress*/) {}

/// It may come before the start that it repeats.
void session_announcer::on(const contract::session_moved& moved) {
    on(moved.session);
    const auto session = live_.find(moved.session.id);
    if (session != live_.end()) session->second.has_moved = true;
}

void session_announcer::on(const contract::session_ended& ended) {
    const auto session = live_.extract(ended.id);
    if (session.empty()) return;
    if (session.mapped().has_moved) {
        lately_ended_.push_back(ended.id);
        if (lately_ended_.size() > lately_ended_max) lately_ended_.pop_front();
    }
    const auto& started = session.mapped().as_started;
    if (!bus_.is_wanted(events::event_kind::session_ended, started.claims->project)) return;
    auto row = row_of(started);
    row.ended_at = ended.at;
    row.end_reason = to_string(ended.reason);
    row.traffic = ended.traffic;
    publish_end(started.claims->project, row);
}

void session_announcer::publish_end(const project_id& project, const store::session_row& session) {
    const auto ended_at = session.ended_at.value_or(session.updated_at);
    auto data = described(project, session);
    data["ended_at"] = to_iso_time(ended_at);
    data["end_reason"] = session.end_reason;
    for (const auto& [name, count] : to_json(session.traffic)) data[name] = count;
    bus_.publish({.id = event_id::random(),
                  .kind = events::event_kind::session_ended,
                  .project = project,
                  .at = ended_at,
                  .data = json::serialize(data)});
}

void session_announcer::on(const contract::quota_exceeded& reached) {
    const json::object data{
        {"quota", json::value(to_string(reached.which))},
        {"credential_id", reference_to({.id = reached.credential, .project = reached.project})},
        {"session_id", text_or_null(reached.session ? reached.session->to_string() : std::string{})}};
    bus_.publish({.id = event_id::random(),
                  .kind = events::event_kind::quota_exceeded,
                  .project = reached.project,
                  .at = reached.at,
                  .data = json::serialize(data)});
}

json::object session_announcer::described(const project_id& project,
                                          const store::session_row& session) const {
    return {{"session_id", session.id.to_string()},
            {"credential_id", reference_to({.id = session.credential, .project = project})},
            {"room", text_or_null(session.room)},
            {"initiator_client", text_or_null(session.initiator_client)},
            {"receiver_client", text_or_null(session.receiver_client)},
            {"region", text_or_null(session.region)},
            {"transport", session.transport},
            {"started_at", to_iso_time(session.started_at)}};
}

json::value session_announcer::reference_to(const credential::credential_reference& what) const {
    const auto keys = keys_.get();
    const auto* const key = keys->newest_in_use();
    return key == nullptr ? json::value(nullptr) : json::value(what.seal(*key));
}

}  // namespace turnix::api
