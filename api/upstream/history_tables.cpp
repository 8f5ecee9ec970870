#include "api/upstream/tables.hpp"

namespace turnix::upstream {

shared_table session_table() {
    return {
        .kind = shared_kind::session,
        .name = "sessions",
        .route = "/api/v1/sessions/",
        .is_history = true,
        .columns = 21,
        .read_here =
            "select id, credential_id, project_id, room, initiator_client, receiver_client, party_client,"
            " region, transport, client, server, relayed, started_at_ms, updated_at_ms, ended_at_ms,"
            " end_reason, sequence, uplink_packets, uplink_bytes, downlink_packets, downlink_bytes"
            " from sessions where id = ?1 and node is null",
        .write_here =
            {"insert into sessions (node, id, credential_id, project_id, room, initiator_client,"
             " receiver_client, party_client, region, transport, client, server, relayed, started_at_ms,"
             " updated_at_ms, ended_at_ms, end_reason, sequence, uplink_packets, uplink_bytes,"
             " downlink_packets, downlink_bytes) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12,"
             " ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22) on conflict (id) do update set"
             " transport = ?10, client = ?11, server = ?12, updated_at_ms = ?15, ended_at_ms = ?16,"
             " end_reason = ?17, sequence = ?18, uplink_packets = ?19, uplink_bytes = ?20,"
             " downlink_packets = ?21, downlink_bytes = ?22 where node is not null"},
        .delete_here = {},
        .write_there =
            "with counted as (update changes set last = last + $2::bigint returning last),"
            " written as (insert into sessions (node, change, id, credential_id, project_id, room,"
            "  initiator_client, receiver_client, party_client, region, transport, client, server, relayed,"
            "  started_at_ms, updated_at_ms, ended_at_ms, end_reason, sequence, uplink_packets,"
            "  uplink_bytes, downlink_packets, downlink_bytes)"
            " select $1::bytea, last - $2::bigint + place, id, credential_id, project_id, room,"
            "  initiator_client, receiver_client, party_client, region, transport, client, server, relayed,"
            "  started_at_ms, updated_at_ms, ended_at_ms, end_reason, sequence, uplink_packets,"
            "  uplink_bytes, downlink_packets, downlink_bytes"
            " from unnest($3::bytea[], $4::bytea[], $5::bytea[], $6::text[], $7::text[], $8::text[],"
            "  $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::bigint[],"
            "  $16::bigint[], $17::bigint[], $18::text[], $19::bigint[], $20::bigint[], $21::bigint[],"
            "  $22::bigint[], $23::bigint[]) with ordinality as given (id, credential_id, project_id, room,"
            "  initiator_client, receiver_client, party_client, region, transport, client, server, relayed,"
            "  started_at_ms, updated_at_ms, ended_at_ms, end_reason, sequence, uplink_packets,"
            "  uplink_bytes, downlink_packets, downlink_bytes, place) cross join counted"
            " on conflict (id) do update set change = excluded.change, transport = excluded.transport,"
            "  client = excluded.client, server = excluded.server, updated_at_ms = excluded.updated_at_ms,"
            "  ended_at_ms = excluded.ended_at_ms, end_reason = excluded.end_reason,"
            "  sequence = excluded.sequence, uplink_packets = excluded.uplink_packets,"
            "  uplink_bytes = excluded.uplink_bytes, downlink_packets = excluded.downlink_packets,"
            "  downlink_bytes = excluded.downlink_bytes"
            "  where coalesce(sessions.sequence, -1) <= coalesce(excluded.sequence, -1)"
            "  and (sessions.ended_at_ms is null or excluded.ended_at_ms is not null) returning id)"
            " select id from written",
        .read_there =
            "select change, 0::bigint, false, node, id, credential_id, project_id, room, initiator_client,"
            " receiver_client, party_client, region, transport, client, server, relayed, started_at_ms,"
            " updated_at_ms, ended_at_ms, end_reason, sequence, uplink_packets, uplink_bytes,"
            " downlink_packets, downlink_bytes from sessions"
            " where change > $1::bigint and change <= $2::bigint and node <> $3::bytea"
            " order by change limit $4::bigint",
    };
}

shared_table usage_table() {
    return {
        .kind = shared_kind::usage,
        .name = "usage",
        .route = "/api/v1/usage",
        .is_history = true,
        .columns = 7,
        .read_here =
            "select session_id, hour_ms, project_id, uplink_packets, uplink_bytes, downlink_packets,"
            " downlink_bytes from usage where session_id = ?1 and hour_ms = ?2 and node is null",
        .write_here =
            {"insert into usage (node, session_id, hour_ms, project_id, uplink_packets, uplink_bytes,"
             " downlink_packets, downlink_bytes) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
             " on conflict (session_id, hour_ms) do update set uplink_packets = ?5, uplink_bytes = ?6,"
             " downlink_packets = ?7, downlink_bytes = ?8 where node is not null"},
        .delete_here = {},
        // Within an hour a session's figures only grow: the greater ones are the later.
        .write_there =
            "with counted as (update changes set last = last + $2::bigint returning last),"
            " written as (insert into usage (node, change, session_id, hour_ms, project_id, uplink_packets,"
            "  uplink_bytes, downlink_packets, downlink_bytes)"
            " select $1::bytea, last - $2::bigint + place, session_id, hour_ms, project_id, uplink_packets,"
            "  uplink_bytes, downlink_packets, downlink_bytes"
            " from unnest($3::bytea[], $4::bigint[], $5::bytea[], $6::bigint[], $7::bigint[], $8::bigint[],"
            "  $9::bigint[]) with ordinality as given (session_id, hour_ms, project_id, uplink_packets,"
            "  uplink_bytes, downlink_packets, downlink_bytes, place) cross join counted"
            " on conflict (session_id, hour_ms) do update set change = excluded.change,"
            "  uplink_packets = greatest(usage.uplink_packets, excluded.uplink_packets),"
            "  uplink_bytes = greatest(usage.uplink_bytes, excluded.uplink_bytes),"
            "  downlink_packets = greatest(usage.downlink_packets, excluded.downlink_packets),"
            "  downlink_bytes = greatest(usage.downlink_bytes, excluded.downlink_bytes) returning session_id)"
            " select session_id from written",
        .read_there =
            "select change, 0::bigint, false, node, session_id, hour_ms, project_id, uplink_packets,"
            " uplink_bytes, downlink_packets, downlink_bytes from usage"
            " where change > $1::bigint and change <= $2::bigint and node <> $3::bytea"
            " order by change limit $4::bigint",
    };
}

}  // namespace turnix::upstream
