#include "api/upstream/tables.hpp"

namespace turnix::upstream {

namespace {

constexpr store::sql_literal write_projects_there{
    "with counted as (update changes set last = last + $2::bigint returning last),"
    " written as (insert into projects (node, change, version, deleted, id, organisation_id, slug,"
    "  created_at_ms, ttl_default_s, ttl_max_s, session_max_s, quota_allocations, quota_bitrate_bps,"
    "  quota_bytes_per_day, quota_sessions_per_second, credential_allocations,"
    "  credential_bitrate_bps, credential_bytes, peer_scope, on_expiry, retention_days, room_link,"
    "  client_link, session_link, quota_packets_per_second, credential_packets_per_second)"
    " select $1::bytea, last - $2::bigint + place, version, deleted, id, organisation_id, slug,"
    "  created_at_ms, ttl_default_s, ttl_max_s, session_max_s, quota_allocations, quota_bitrate_bps,"
    "  quota_bytes_per_day, quota_sessions_per_second, credential_allocations,"
    "  credential_bitrate_bps, credential_bytes, peer_scope, on_expiry, retention_days, room_link,"
    "  client_link, session_link, quota_packets_per_second, credential_packets_per_second"
    "  from unnest($3::bigint[], $4::boolean[], $5::bytea[], $6::bytea[],"
    "  $7::text[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[],"
    "  $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[], $17::bigint[], $18::bigint[],"
    "  $19::bigint[], $20::bigint[], $21::bigint[], $22::text[], $23::text[], $24::text[],"
    "  $25::bigint[], $26::bigint[])"
    "  with ordinality as given (version, deleted, id, organisation_id, slug, created_at_ms,"
    "  ttl_default_s, ttl_max_s, session_max_s, quota_allocations, quota_bitrate_bps,"
    "  quota_bytes_per_day, quota_sessions_per_second, credential_allocations,"
    "  credential_bitrate_bps, credential_bytes, peer_scope, on_expiry, retention_days, room_link,"
    "  client_link, session_link, quota_packets_per_second, credential_packets_per_second, place)"
    "  cross join counted"
    " on conflict (id) do update set node = excluded.node, change = excluded.change,"
    "  version = excluded.version, deleted = excluded.deleted,"
    "  organisation_id = excluded.organisation_id, slug = excluded.slug,"
    "  created_at_ms = excluded.created_at_ms, ttl_default_s = excluded.ttl_default_s,"
    "  ttl_max_s = excluded.ttl_max_s, session_max_s = excluded.session_max_s,"
    "  quota_allocations = excluded.quota_allocations,"
    "  quota_bitrate_bps = excluded.quota_bitrate_bps,"
    "  quota_bytes_per_day = excluded.quota_bytes_per_day,"
    "  quota_sessions_per_second = excluded.quota_sessions_per_second,"
    "  credential_allocations = excluded.credential_allocations,"
    "  credential_bitrate_bps = excluded.credential_bitrate_bps,"
    "  credential_bytes = excluded.credential_bytes, peer_scope = excluded.peer_scope,"
    "  on_expiry = excluded.on_expiry, retention_days = excluded.retention_days,"
    "  room_link = excluded.room_link, client_link = excluded.client_link,"
    "  session_link = excluded.session_link,"
    "  quota_packets_per_second = excluded.quota_packets_per_second,"
    "  credential_packets_per_second = excluded.credential_packets_per_second"
    "  where projects.version <= excluded.version returning id)"
    " select id from written"};

}  // namespace

shared_table organisation_table() {
    return {
        .kind = shared_kind::organisation,
        .name = "organisations",
        .route = "/api/v1/organisation",
        .is_history = false,
        .columns = 4,
        .read_here = "select id, name, default_project_id, created_at_ms from organisations where id = ?1",
        // Its default project comes later; this is done once more then.
        .write_here =
            {"insert into organisations (id, name, default_project_id, created_at_ms)"
             " values (?2, ?3, (select id from projects where id = ?4), ?5) on conflict (id) do update set"
             " name = ?3, default_project_id = coalesce(excluded.default_project_id, default_project_id)"},
        .delete_here = {},
        .write_there =
            "with counted as (update changes set last = last + $2::bigint returning last),"
            " written as (insert into organisations (node, change, version, deleted, id, name,"
            "  default_project_id, created_at_ms)"
            " select $1::bytea, last - $2::bigint + place, version, deleted, id, name, default_project_id,"
            "  created_at_ms from unnest($3::bigint[], $4::boolean[], $5::bytea[], $6::text[], $7::bytea[],"
            "  $8::bigint[]) with ordinality as given (version, deleted, id, name, default_project_id,"
            "  created_at_ms, place) cross join counted"
            " on conflict (id) do update set node = excluded.node, change = excluded.change,"
            "  version = excluded.version, deleted = excluded.deleted, name = excluded.name,"
            "  default_project_id = excluded.default_project_id, created_at_ms = excluded.created_at_ms"
            "  where organisations.version <= excluded.version returning id)"
            " select id from written",
        .read_there =
            "select change, version, deleted, node, id, name, default_project_id, created_at_ms"
            " from organisations where change > $1::bigint and change <= $2::bigint"
            " and $3::bytea is not null order by change limit $4::bigint",
    };
}

shared_table project_table() {
    return {
        .kind = shared_kind::project,
        .name = "projects",
        .route = "/api/v1/projects/",
        .is_history = false,
        .columns = 22,
        .read_here =
            "select id, organisation_id, slug, created_at_ms, ttl_default_s, ttl_max_s, session_max_s,"
            " quota_allocations, quota_bitrate_bps, quota_bytes_per_day, quota_sessions_per_second,"
            " credential_allocations, credential_bitrate_bps, credential_bytes, peer_scope, on_expiry,"
            " retention_days, room_link, client_link, session_link, quota_packets_per_second,"
            " credential_packets_per_second from projects where id = ?1",
        // Two projects that were given one slug at a time: the older one keeps it, on every node the same.
        .write_here =
            {"update projects set slug = substr(slug, 1, 54) || '-' || lower(hex(substr(id, 1, 4)))"
             " where organisation_id = ?3 and slug = ?4 and (created_at_ms, id) > (?5, ?2) returning id",
             "insert into projects (id, organisation_id, slug, created_at_ms, ttl_default_s, ttl_max_s,"
             " session_max_s, quota_allocations, quota_bitrate_bps, quota_bytes_per_day,"
             " quota_sessions_per_second, credential_allocations, credential_bitrate_bps, credential_bytes,"
             " peer_scope, on_expiry, retention_days, room_link, client_link, session_link,"
             " quota_packets_per_second, credential_packets_per_second)"
             " select ?2, ?3, iif(exists (select 1 from projects where organisation_id = ?3 and slug = ?4"
             "  and (created_at_ms, id) < (?5, ?2)), substr(?4, 1, 54) || '-' || lower(hex(substr(?2, 1, "
             "4))), ?4), ?5, ?6, ?7, ?8,"
             " ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23"
             " where exists (select 1 from organisations where id = ?3)"
             " on conflict (id) do update set slug = excluded.slug, ttl_default_s = ?6, ttl_max_s = ?7,"
             " session_max_s = ?8, quota_allocations = ?9, quota_bitrate_bps = ?10,"
             " quota_bytes_per_day = ?11, quota_sessions_per_second = ?12, credential_allocations = ?13,"
             " credential_bitrate_bps = ?14, credential_bytes = ?15, peer_scope = ?16, on_expiry = ?17,"
             " retention_days = ?18, room_link = ?19, client_link = ?20, session_link = ?21,"
             " quota_packets_per_second = ?22, credential_packets_per_second = ?23"},
        .delete_here = {"update organisations set default_project_id = null where default_project_id = ?2",
                        "delete from tokens where project_id = ?2", "delete from projects where id = ?2"},
        .write_there = write_projects_there,
        .read_there =
            "select change, version, deleted, node, id, organisation_id, slug, created_at_ms, ttl_default_s,"
            " ttl_max_s, session_max_s, quota_allocations, quota_bitrate_bps, quota_bytes_per_day,"
            " quota_sessions_per_second, credential_allocations, credential_bitrate_bps, credential_bytes,"
            " peer_scope, on_expiry, retention_days, room_link, client_link, session_link,"
            " quota_packets_per_second, credential_packets_per_second from projects"
            " where change > $1::bigint and change <= $2::bigint and $3::bytea is not null"
            " order by change limit $4::bigint",
    };
}

shared_table token_table() {
    return {
        .kind = shared_kind::token,
        .name = "tokens",
        .route = "/api/v1/tokens/",
        .is_history = false,
        .columns = 11,
        .read_here =
            "select id, organisation_id, project_id, name, scopes, digest, created_at_ms, expires_at_ms,"
            " revoked_at_ms, previous_digest, previous_ends_at_ms from tokens where id = ?1",
        .write_here =
            {"insert into tokens (id, organisation_id, project_id, name, scopes, digest, created_at_ms,"
             " expires_at_ms, revoked_at_ms, previous_digest, previous_ends_at_ms)"
             " select ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12"
             " where exists (select 1 from organisations where id = ?3)"
             " and (?4 is null or exists (select 1 from projects where id = ?4))"
             " on conflict (id) do update set name = ?5, scopes = ?6, digest = ?7, expires_at_ms = ?9,"
             " revoked_at_ms = ?10, previous_digest = ?11, previous_ends_at_ms = ?12"},
        .delete_here = {"delete from tokens where id = ?2"},
        .write_there =
            "with counted as (update changes set last = last + $2::bigint returning last),"
            " written as (insert into tokens (node, change, version, deleted, id, organisation_id,"
            "  project_id, name, scopes, digest, created_at_ms, expires_at_ms, revoked_at_ms,"
            "  previous_digest, previous_ends_at_ms)"
            " select $1::bytea, last - $2::bigint + place, version, deleted, id, organisation_id,"
            "  project_id, name, scopes, digest, created_at_ms, expires_at_ms, revoked_at_ms,"
            "  previous_digest, previous_ends_at_ms from unnest($3::bigint[], $4::boolean[], $5::bytea[],"
            "  $6::bytea[], $7::bytea[], $8::text[], $9::text[], $10::bytea[], $11::bigint[],"
            "  $12::bigint[], $13::bigint[], $14::bytea[], $15::bigint[])"
            "  with ordinality as given (version, deleted, id, organisation_id, project_id, name, scopes,"
            "  digest, created_at_ms, expires_at_ms, revoked_at_ms, previous_digest, previous_ends_at_ms,"
            "  place) cross join counted"
            " on conflict (id) do update set node = excluded.node, change = excluded.change,"
            "  version = excluded.version, deleted = excluded.deleted,"
            "  organisation_id = excluded.organisation_id, project_id = excluded.project_id,"
            "  name = excluded.name, scopes = excluded.scopes, digest = excluded.digest,"
            "  created_at_ms = excluded.created_at_ms, expires_at_ms = excluded.expires_at_ms,"
            "  revoked_at_ms = excluded.revoked_at_ms, previous_digest = excluded.previous_digest,"
            "  previous_ends_at_ms = excluded.previous_ends_at_ms"
            "  where tokens.version <= excluded.version returning id)"
            " select id from written",
        .read_there =
            "select change, version, deleted, node, id, organisation_id, project_id, name, scopes, digest,"
            " created_at_ms, expires_at_ms, revoked_at_ms, previous_digest, previous_ends_at_ms from tokens"
            " where change > $1::bigint and change <= $2::bigint and $3::bytea is not null"
            " order by change limit $4::bigint",
    };
}

shared_table webhook_table() {
    return {
        .kind = shared_kind::webhook,
        .name = "webhooks",
        .route = "/api/v1/webhooks/",
        .is_history = false,
        .columns = 7,
        .read_here =
            "select id, project_id, url, events, secret, enabled, created_at_ms from webhooks where id = ?1",
        .write_here = {"insert into webhooks (id, project_id, url, events, secret, enabled, created_at_ms)"
                       " select ?2, ?3, ?4, ?5, ?6, ?7, ?8"
                       " where exists (select 1 from projects where id = ?3)"
                       " on conflict (id) do update set url = ?4, events = ?5, secret = ?6, enabled = ?7"},
        .delete_here = {"delete from webhooks where id = ?2"},
        .write_there =
            "with counted as (update changes set last = last + $2::bigint returning last),"
            " written as (insert into webhooks (node, change, version, deleted, id, project_id, url, events,"
            "  secret, enabled, created_at_ms)"
            " select $1::bytea, last - $2::bigint + place, version, deleted, id, project_id, url, events,"
            "  secret, enabled, created_at_ms from unnest($3::bigint[], $4::boolean[], $5::bytea[],"
            "  $6::bytea[], $7::text[], $8::text[], $9::text[], $10::bigint[], $11::bigint[])"
            "  with ordinality as given (version, deleted, id, project_id, url, events, secret, enabled,"
            "  created_at_ms, place) cross join counted"
            " on conflict (id) do update set node = excluded.node, change = excluded.change,"
            "  version = excluded.version, deleted = excluded.deleted, project_id = excluded.project_id,"
            "  url = excluded.url, events = excluded.events, secret = excluded.secret,"
            "  enabled = excluded.enabled, created_at_ms = excluded.created_at_ms"
            "  where webhooks.version <= excluded.version returning id)"
            " select id from written",
        .read_there =
            "select change, version, deleted, node, id, project_id, url, events, secret, enabled,"
            " created_at_ms from webhooks where change > $1::bigint and change <= $2::bigint"
            " and $3::bytea is not null order by change limit $4::bigint",
    };
}

}  // namespace turnix::upstream
