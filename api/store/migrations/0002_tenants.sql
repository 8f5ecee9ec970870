-- Per project, null where the node's configuration decides or nothing is limited. Quotas count the whole project
-- on one node, credential limits each credential.
alter table projects add column quota_allocations integer check (quota_allocations > 0);
alter table projects add column quota_bitrate_bps integer check (quota_bitrate_bps > 0);
alter table projects add column quota_bytes_per_day integer check (quota_bytes_per_day > 0);
alter table projects add column quota_sessions_per_second integer check (quota_sessions_per_second > 0);
alter table projects add column credential_allocations integer check (credential_allocations > 0);
alter table projects add column credential_bitrate_bps integer check (credential_bitrate_bps > 0);
alter table projects add column credential_bytes integer check (credential_bytes > 0);
-- As numbered in common/credential/claims.hpp.
alter table projects add column peer_scope integer;
alter table projects add column on_expiry integer;
alter table projects add column retention_days integer check (retention_days > 0);
-- https, with {room}, {client} and {session} to be filled in.
alter table projects add column room_link text;
alter table projects add column client_link text;
alter table projects add column session_link text;

-- The secret before the last rotation, good until the time beside it.
alter table tokens add column previous_digest blob check (length(previous_digest) = 32);
alter table tokens add column previous_ends_at_ms integer;

-- Who changed what. Rows are added and never touched again.
create table audit (
  number integer primary key autoincrement,
  id blob not null unique check (length(id) = 16),
  at_ms integer not null,
  organisation_id blob not null,
  -- Null: about the organisation.
  project_id blob,
  -- Null: the operator, over the control socket.
  token_id blob,
  -- Method and pattern of the route: 'DELETE /api/v1/tokens/{id}'.
  action text not null,
  -- Path of what was changed or made.
  target text not null,
  client text,
  request_id text not null,
  -- HTTP status of the answer.
  status integer not null
) strict;

create index audit_by_organisation on audit (organisation_id, number);

create trigger audit_is_not_changed before update on audit
begin select raise(abort, 'the audit log is append-only'); end;
create trigger audit_is_not_deleted before delete on audit
begin select raise(abort, 'the audit log is append-only'); end;

-- Answers to requests with an Idempotency-Key, for a day.
create table idempotency (
  -- Of caller and key.
  id blob primary key check (length(id) = 32),
  -- Of the request.
  fingerprint blob not null check (length(fingerprint) = 32),
  -- The answer, sealed under a key made of the caller's secret; null while the request is under way.
  answer blob,
  at_ms integer not null
) strict;

create index idempotency_by_time on idempotency (at_ms);
