-- Times are milliseconds since 1970 (UTC), durations seconds. Identifiers are their 16 bytes. What a deleted row
-- was is null; it stays, so that every node hears of it.

create table changes (
  one integer primary key check (one = 1),
  -- The number of the last row that was written: every row takes the next, in the order of the commits.
  last bigint not null,
  database_id text not null
);
insert into changes (one, last, database_id) values (1, 0, gen_random_uuid()::text);

create table organisations (
  id bytea primary key,
  name text,
  default_project_id bytea,
  created_at_ms bigint,
  -- Of two writers the one with the greater version counts: milliseconds since 1970 above 16 bits of the node,
  -- and bit 62 of what is final.
  version bigint not null,
  deleted boolean not null,
  -- Who wrote it, and when in the order of all rows.
  node bytea not null,
  change bigint not null
);

create table projects (
  id bytea primary key,
  organisation_id bytea,
  slug text,
  created_at_ms bigint,
  ttl_default_s bigint,
  ttl_max_s bigint,
  session_max_s bigint,
  quota_allocations bigint,
  quota_bitrate_bps bigint,
  quota_bytes_per_day bigint,
  quota_sessions_per_second bigint,
  credential_allocations bigint,
  credential_bitrate_bps bigint,
  credential_bytes bigint,
  peer_scope bigint,
  on_expiry bigint,
  retention_days bigint,
  room_link text,
  client_link text,
  session_link text,
  version bigint not null,
  deleted boolean not null,
  node bytea not null,
  change bigint not null
);

create table tokens (
  id bytea primary key,
  organisation_id bytea,
  project_id bytea,
  name text,
  scopes text,
  -- SHA-256 of the secret, which is kept nowhere.
  digest bytea,
  created_at_ms bigint,
  expires_at_ms bigint,
  revoked_at_ms bigint,
  previous_digest bytea,
  previous_ends_at_ms bigint,
  version bigint not null,
  deleted boolean not null,
  node bytea not null,
  change bigint not null
);

create table webhooks (
  id bytea primary key,
  project_id bytea,
  url text,
  events text,
  -- What deliveries are signed with.
  secret text,
  enabled bigint,
  created_at_ms bigint,
  version bigint not null,
  deleted boolean not null,
  node bytea not null,
  change bigint not null
);

create table sessions (
  id bytea primary key,
  credential_id bytea not null,
  project_id bytea not null,
  room text,
  initiator_client text,
  receiver_client text,
  party_client text,
  region text,
  transport text not null,
  client text not null,
  server text not null,
  relayed text not null,
  started_at_ms bigint not null,
  updated_at_ms bigint not null,
  ended_at_ms bigint,
  end_reason text,
  -- Of the last figures: older ones change nothing.
  sequence bigint,
  uplink_packets bigint not null,
  uplink_bytes bigint not null,
  downlink_packets bigint not null,
  downlink_bytes bigint not null,
  -- Which node served it.
  node bytea not null,
  change bigint not null
);

-- What a session relayed in each hour in which it relayed something.
create table usage (
  session_id bytea not null,
  hour_ms bigint not null,
  project_id bytea not null,
  uplink_packets bigint not null,
  uplink_bytes bigint not null,
  downlink_packets bigint not null,
  downlink_bytes bigint not null,
  node bytea not null,
  change bigint not null,
  primary key (session_id, hour_ms)
);

create index organisations_by_change on organisations (change);
create index projects_by_change on projects (change);
create index tokens_by_change on tokens (change);
create index webhooks_by_change on webhooks (change);
create index sessions_by_change on sessions (change);
create index usage_by_change on usage (change);

create index sessions_by_time on sessions (project_id, started_at_ms);
-- For what a project does not want kept any longer.
create index sessions_by_end on sessions (project_id, ended_at_ms);
create index usage_by_time on usage (project_id, hour_ms);
