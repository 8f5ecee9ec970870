-- Times are milliseconds since 1970 (UTC), durations seconds. Identifiers are their 16 bytes.

create table organisations (
  id blob primary key check (length(id) = 16),
  name text not null,
  -- What an organisation-wide token means when it names no project; null only until the project is made.
  default_project_id blob references projects (id),
  created_at_ms integer not null
) strict;

create table projects (
  id blob primary key check (length(id) = 16),
  organisation_id blob not null references organisations (id),
  slug text not null,
  -- Null: what the node's configuration says.
  ttl_default_s integer check (ttl_default_s > 0),
  ttl_max_s integer check (ttl_max_s > 0),
  session_max_s integer check (session_max_s > 0),
  created_at_ms integer not null,
  unique (organisation_id, slug)
) strict;

create table tokens (
  id blob primary key check (length(id) = 16),
  organisation_id blob not null references organisations (id),
  -- Null: good for the whole organisation.
  project_id blob references projects (id),
  name text not null,
  -- Names separated by spaces: 'ice:issue ice:revoke'.
  scopes text not null,
  -- SHA-256 of the secret, which is kept nowhere.
  digest blob not null check (length(digest) = 32),
  created_at_ms integer not null,
  expires_at_ms integer,
  revoked_at_ms integer,
  last_used_at_ms integer
) strict;

-- Credentials and sessions refer to projects and tokens that another node of the fleet may have made, so there is
-- no foreign key on them.

create table credentials (
  id blob primary key check (length(id) = 16),
  project_id blob not null,
  token_id blob not null,
  room text,
  initiator_client text,
  receiver_client text,
  region text,
  role integer not null,
  peer_scope integer not null,
  on_expiry integer not null,
  transports integer not null,
  -- Null: no limit.
  bitrate_bps_max integer,
  bytes_max integer,
  allocations_max integer,
  allowed_client text,
  issued_at_ms integer not null,
  expires_at_ms integer not null,
  sessions_end_at_ms integer not null
) strict;

create index credentials_by_time on credentials (project_id, issued_at_ms);

create table sessions (
  id blob primary key check (length(id) = 16),
  credential_id blob not null,
  project_id blob not null,
  room text,
  initiator_client text,
  receiver_client text,
  region text,
  transport text not null,
  client text not null,
  server text not null,
  relayed text not null,
  started_at_ms integer not null,
  updated_at_ms integer not null,
  -- Both null while the session lives.
  ended_at_ms integer,
  end_reason text,
  -- Of the last figures taken; null before the first. Figures with a lower number are old and change nothing.
  sequence integer,
  uplink_packets integer not null default 0,
  uplink_bytes integer not null default 0,
  downlink_packets integer not null default 0,
  downlink_bytes integer not null default 0
) strict;

create index sessions_by_time on sessions (project_id, started_at_ms);
create index sessions_live on sessions (id) where ended_at_ms is null;
