#include "api/resources/session_json.hpp"

#include "api/resources/json_text.hpp"
#include "api/resources/links.hpp"
#include "common/credential/credential_reference.hpp"

#include <boost/json/array.hpp>

#include <string_view>

namespace turnix::api {

namespace json = boost::json;

json::object to_json(const contract::traffic_counters& traffic) {
    return {{"uplink_packets", traffic.uplink_packets},
            {"uplink_bytes", traffic.uplink_bytes},
            {"downlink_packets", traffic.downlink_packets},
            {"downlink_bytes", traffic.downlink_bytes}};
}

store::session_row row_of(const contract::session_started& session) {
    const auto& claims = *session.claims;
    return {.id = session.id,
            .credential = claims.id,
            .room = claims.room,
            .initiator_client = claims.initiator_client,
            .receiver_client = claims.receiver_client,
            .region = claims.region,
            .transport = std::string{net::to_string(session.transport)},
            .client = {},
            .server = {},
            .relayed = {},
            .started_at = session.at,
            .updated_at = session.at,
            .end_reason = {},
            .traffic = {}};
}

store::session_row row_of(const contract::live_session& live) {
    auto row = row_of(contract::session_started{.id = live.id,
                                                .claims = live.claims,
                                                .client = live.client,
                                                .server = live.server,
                                                .transport = live.transport,
                                                .relayed = live.relayed,
                                                .at = live.started_at});
    row.client = live.client.to_string();
    row.server = live.server.to_string();
    row.relayed = live.relayed.to_string();
    row.updated_at = live.last_activity_at;
    row.traffic = live.traffic;
    return row;
}

std::vector<std::string> clients_of(const credential::claims& claims) {
    std::vector<std::string> clients;
    const auto add = [&clients](const std::string& name) {
        if (!name.empty() && (clients.empty() || clients.front() != name)) clients.push_back(name);
    };
    if (claims.role != credential::party::receiver) add(claims.initiator_client);
    if (claims.role != credential::party::initiator) add(claims.receiver_client);
    return clients;
}

json::object session_writer::common(const store::session_row& row) const {
    const credential::credential_reference credential{.id = row.credential, .project = project_.id};
    const auto id = row.id.to_string();
    const auto& links = project_.settings.links;
    const auto& client = row.initiator_client.empty() ? row.receiver_client : row.initiator_client;
    const auto* const key = keys_.newest_in_use();
    return {
        {"id", id},
        {"room", text_or_null(row.room)},
        {"initiator_client", text_or_null(row.initiator_client)},
        {"receiver_client", text_or_null(row.receiver_client)},
        {"credential_id", key == nullptr ? json::value(nullptr) : json::value(credential.seal(*key))},
        {"region", row.region.empty() ? here_.region : row.region},
        {"node", here_.node},
        {"transport", row.transport},
        {"client_address", row.client},
        {"server_address", row.server},
        {"relayed_address", row.relayed},
        {"started_at", to_iso_time(row.started_at)},
        {"last_activity_at", to_iso_time(row.updated_at)},
        {"traffic", to_json(row.traffic)},
        {"links", json::object{{"room", link_from(links.room, {.room = row.room})},
                               {"client", link_from(links.client, {.client = client})},
                               {"session", link_from(links.session,
                                                     {.room = row.room, .client = client, .session = id})}}}};
}

json::object session_writer::ended(const store::session_row& row) const {
    auto made = common(row);
    // Without an end it has only just begun, or ended a moment ago.
    made["state"] = row.ended_at ? "ended" : "live";
    made["ended_at"] = time_or_null(row.ended_at);
    made["end_reason"] = text_or_null(row.end_reason);
    made["peers"] = json::array{};
    return made;
}

json::object session_writer::live(const contract::live_session& live) const {
    auto row = row_of(live);
    row.region = here_.region;
    auto made = ended(row);
    json::array peers;
    for (const auto& each : live.peers) peers.emplace_back(each.to_string());
    made["peers"] = std::move(peers);
    return made;
}

}  // namespace turnix::api
