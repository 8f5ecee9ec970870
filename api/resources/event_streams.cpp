#include "api/resources/event_streams.hpp"

#include "api/resources/event_json.hpp"
#include "api/resources/fields.hpp"
#include "api/resources/page.hpp"
#include "api/resources/stats.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace turnix::api {

namespace {

using http::error;
using http::error_code;

constexpr std::string_view stats_event = "stats";
/// How soon a client comes back, in milliseconds.
constexpr std::string_view opening = "retry: 2000\n\n";
constexpr std::string_view heartbeat = ":\n\n";

using type_names = std::set<std::string, std::less<>>;

/// The names in `types`, separated by commas; empty: all.
std::optional<type_names> read_types(std::string_view names) {
    type_names chosen;
    while (!names.empty()) {
        const auto comma = names.find(',');
        const auto name = names.substr(0, comma);
        if (name != stats_event && !events::event_kind_from(name)) return std::nullopt;
        chosen.emplace(name);
        names.remove_prefix(comma == std::string_view::npos ? names.size() : comma + 1);
    }
    return chosen;
}

}  // namespace

struct event_streams::stream {
    http::request asked;
    model::principal caller;
    type_names types;
    wall_time sent_at;
    std::shared_ptr<http::body_stream> body{};

    [[nodiscard]] bool wants(std::string_view type) const { return types.empty() || types.contains(type); }
};

std::vector<endpoint> event_streams::endpoints() {
    return {{{http::method::get, "/api/v1/events"},
             model::scope::stats_read,
             work::in_memory,
             handler_of(*this, &event_streams::listen)}};
}

outcome event_streams::listen(const call& asked) {
    static constexpr std::array<std::string_view, 1> parameters{"types"};
    if (auto fault = refuse_parameters(asked.request, parameters)) return std::move(*fault);
    const auto* const names = find_parameter(asked.request, "types");
    auto types = read_types(names == nullptr ? std::string_view{} : *names);
    if (!types) return invalid_field("types", "types takes stats and types of events, separated by commas.");
    if (auto refusal = crowding(asked.caller.token)) return std::move(*refusal);
    auto made = std::make_shared<stream>(stream{
        .asked = asked.request, .caller = asked.caller, .types = *std::move(types), .sent_at = asked.now()});
    return http::response{
        .headers = {{"Content-Type", "text/event-stream"}, {"X-Accel-Buffering", "no"}},
        .stream = [this, made](std::shared_ptr<http::body_stream> body) { add(made, std::move(body)); }};
}

std::optional<error> event_streams::crowding(const token_id& token) {
    drop_ended();
    const auto of_token =
        std::ranges::count_if(streams_, [&token](const auto& each) { return each->caller.token == token; });
    if (streams_.size() < streams_max && std::cmp_less(of_token, streams_per_token_max)) return std::nullopt;
    return error{.code = error_code::rate_limited, .message = "There are too many event streams; close one."};
}

void event_streams::add(std::shared_ptr<stream> made, std::shared_ptr<http::body_stream> body) {
    made->body = std::move(body);
    made->body->send(opening);
    streams_.push_back(std::move(made));
    is_any_open_.store(true, std::memory_order_relaxed);
}

void event_streams::on_event(const events::event& what) {
    parts_.control([this, what] { deliver(what, instant::now().wall); });
}

/// Sessions, credentials and what holds them back are for those who may list sessions.
void event_streams::deliver(const events::event& what, wall_time now) {
    if (streams_.empty()) return;
    const auto type = events::to_string(what.kind);
    const auto bytes = fmt::format("id: {}\nevent: {}\ndata: {}\n\n", what.id.to_string(), type,
                                   event_json(what, parts_.tenants));
    for (const auto& each : streams_) {
        const auto& caller = each->caller;
        const bool may_see = events::is_of(what.project, caller.project->id) &&
                             caller.scopes.contains(model::scope::sessions_read);
        if (may_see && each->wants(type)) send(*each, bytes, now);
    }
}

void event_streams::on_moment(const moment& what, wall_time now) {
    for (const auto& each : streams_) {
        if (!each->wants(stats_event)) continue;
        const auto sample =
            sample_json(what, each->caller.project->id, sees_node(each->caller, parts_.tenants));
        send(*each, fmt::format("event: {}\ndata: {}\n\n", stats_event, boost::json::serialize(sample)), now);
    }
    // Once at its beginning: who watches the node drain comes back, the others are taken elsewhere.
    if (what.load.draining && !std::exchange(draining_, what.load.draining)) {
        for (const auto& each : streams_) each->body->end();
    }
    draining_ = what.load.draining;
    drop_ended();
}

void event_streams::beat(wall_time now) {
    for (const auto& each : streams_) {
        const bool is_silent = now - each->sent_at >= beat_interval || now < each->sent_at;
        send(*each, is_silent ? heartbeat : std::string_view{}, now);
    }
    drop_ended();
}

void event_streams::send(stream& to, std::string_view bytes, wall_time now) {
    if (!parts_.admission.still_admits(to.asked, to.caller, now)) return to.body->end();
    if (bytes.empty()) return;
    to.body->send(bytes);
    to.sent_at = now;
}

void event_streams::drop_ended() {
    std::erase_if(streams_, [this](const auto& each) {
        const auto state = each->body->state();
        if (state == http::stream_state::too_slow) {
            ++cut_off_;
            too_slow_.warn("request {}: its event stream ends, since its client reads too slowly",
                           each->asked.request_id);
        }
        return state != http::stream_state::open;
    });
    is_any_open_.store(!streams_.empty(), std::memory_order_relaxed);
}

}  // namespace turnix::api
