-- What is decided of credentials after they were issued; scope, kind and sessions as numbered in
-- common/contract/credential_override.hpp. Times are seconds since 1970, zero where they say nothing.
create table overrides (
  project_id blob not null check (length(project_id) = 16),
  scope integer not null,
  -- Of the credential or the token; zeros otherwise.
  target_id blob not null check (length(target_id) = 16),
  -- Of the room or the client; empty otherwise.
  name text not null,
  kind integer not null,
  issued_before_s integer not null,
  version integer not null,
  until_s integer not null,
  sessions integer not null,
  expires_at_s integer not null,
  sessions_end_at_s integer not null,
  -- Of a cap: null leaves the credential its own limit, zero takes it away.
  bitrate_bps_max integer,
  bytes_max integer,
  allocations_max integer,
  primary key (project_id, scope, target_id, name, kind)
) strict, without rowid;

-- The client whose session it is, as far as its credential says which of the two ends it was made for.
alter table sessions add column party_client text;

create index sessions_by_room on sessions (project_id, room);
-- For what a project does not want kept any longer.
create index sessions_by_end on sessions (project_id, ended_at_ms);
create index credentials_by_end on credentials (project_id, sessions_end_at_ms);

-- What a session relayed in each hour in which it relayed something.
create table usage (
  session_id blob not null,
  hour_ms integer not null,
  project_id blob not null,
  uplink_packets integer not null,
  uplink_bytes integer not null,
  downlink_packets integer not null,
  downlink_bytes integer not null,
  primary key (session_id, hour_ms)
) strict, without rowid;

create index usage_by_time on usage (project_id, hour_ms);

-- A session's figures as they were reported, every ten seconds while it relays.
create table session_samples (
  session_id blob not null,
  sequence integer not null,
  at_ms integer not null,
  uplink_packets integer not null,
  uplink_bytes integer not null,
  downlink_packets integer not null,
  downlink_bytes integer not null,
  primary key (session_id, sequence)
) strict, without rowid;

create index session_samples_by_time on session_samples (at_ms);
