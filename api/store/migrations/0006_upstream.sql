-- What goes up to the database that several nodes share, and what has come down from it. The room api/upstream
-- is the one that reads and empties this.

create table upstream_link (
  one integer primary key check (one = 1),
  -- This node's name up there, and what tells its versions from those of others.
  node blob not null check (length(node) = 16),
  node_number integer not null check (node_number between 0 and 65535),
  -- Sessions and usage are noted; tenants always are.
  is_on integer not null default 0,
  -- Other nodes are asked for what is theirs: sums are of this node's sessions alone.
  others_answer integer not null default 0,
  -- Inside a transaction that brings rows down: these do not go up again.
  is_taking integer not null default 0,
  -- Of the versions made here and seen, without the node's number.
  newest integer not null default 0,
  -- Which database it was that `upstream_seen` counts in.
  upstream_id text
) strict;
insert into upstream_link (one, node, node_number) values (1, randomblob(16), abs(random() % 65536));

-- How far each table has been read; kinds as numbered in api/upstream/shared_table.cpp.
create table upstream_seen (
  kind integer primary key,
  change integer not null
) strict;

-- One row for each row that is shared. Versions are milliseconds since 1970 above 16 bits of the node: of two
-- about the same thing the greater one counts. What is final (a revocation, a removal) has bit 62 besides, so that
-- no change that was made elsewhere meanwhile brings back what is gone.
create table upstream_outbox (
  kind integer not null,
  id blob not null check (length(id) = 16),
  -- Of usage: the hour.
  part integer not null,
  version integer not null,
  -- The first version that is not up there; null when all of them are.
  waiting_since integer,
  -- Figures of sessions that go on need not go up at once.
  due_at_ms integer not null,
  primary key (kind, id, part)
) strict, without rowid;

create index upstream_outbox_waiting on upstream_outbox (kind, waiting_since) where waiting_since is not null;

-- What the triggers below write to.
create view upstream_notes (kind, id, part, delay_ms, is_final) as
  select kind, id, part, due_at_ms, version >> 62 from upstream_outbox;

create trigger upstream_note instead of insert on upstream_notes
when (select not is_taking and (is_on or new.kind <= 4) from upstream_link)
begin
  update upstream_link
    set newest = max(newest + 1, cast((julianday('now') - 2440587.5) * 86400000 as integer));
  insert into upstream_outbox (kind, id, part, version, waiting_since, due_at_ms)
    select new.kind, new.id, new.part, new.is_final << 62 | newest * 65536 + node_number,
      newest * 65536 + node_number,
      iif(new.delay_ms, cast((julianday('now') - 2440587.5) * 86400000 as integer) + new.delay_ms, 0)
      from upstream_link where true
    on conflict (kind, id, part) do update set version = excluded.version,
      waiting_since = coalesce(waiting_since, excluded.waiting_since),
      due_at_ms = iif(waiting_since is null, excluded.due_at_ms, min(due_at_ms, excluded.due_at_ms));
end;

create trigger upstream_organisation_made after insert on organisations
begin insert into upstream_notes values (1, new.id, 0, 0, 0); end;
create trigger upstream_organisation_changed after update on organisations
begin insert into upstream_notes values (1, new.id, 0, 0, 0); end;

create trigger upstream_project_made after insert on projects
begin insert into upstream_notes values (2, new.id, 0, 0, 0); end;
create trigger upstream_project_changed after update on projects
begin insert into upstream_notes values (2, new.id, 0, 0, 0); end;
create trigger upstream_project_deleted after delete on projects
begin insert into upstream_notes values (2, old.id, 0, 0, 1); end;

create trigger upstream_token_made after insert on tokens
begin insert into upstream_notes values (3, new.id, 0, 0, new.revoked_at_ms is not null); end;
-- Its last use stays here.
create trigger upstream_token_changed after update of
  name, scopes, digest, expires_at_ms, revoked_at_ms, previous_digest, previous_ends_at_ms on tokens
begin insert into upstream_notes values (3, new.id, 0, 0, new.revoked_at_ms is not null); end;
create trigger upstream_token_deleted after delete on tokens
begin insert into upstream_notes values (3, old.id, 0, 0, 1); end;

create trigger upstream_webhook_made after insert on webhooks
begin insert into upstream_notes values (4, new.id, 0, 0, 0); end;
create trigger upstream_webhook_changed after update on webhooks
begin insert into upstream_notes values (4, new.id, 0, 0, 0); end;
create trigger upstream_webhook_deleted after delete on webhooks
begin insert into upstream_notes values (4, old.id, 0, 0, 1); end;

-- Whose session it is, as in upstream_link; null: this node's.
alter table sessions add column node blob check (length(node) = 16);
alter table usage add column node blob check (length(node) = 16);

drop index sessions_live;
create index sessions_live on sessions (id) where ended_at_ms is null and node is null;

create trigger upstream_session_made after insert on sessions
begin insert into upstream_notes values (5, new.id, 0, 0, 0); end;
create trigger upstream_session_moved after update of transport, client, server on sessions
begin insert into upstream_notes values (5, new.id, 0, 0, 0); end;
create trigger upstream_session_ended after update of ended_at_ms on sessions
begin
  insert into upstream_notes values (5, new.id, 0, 0, 0);
  update upstream_outbox set due_at_ms = 0 where kind = 6 and id = new.id;
end;
create trigger upstream_session_goes_on after update of sequence on sessions
begin insert into upstream_notes values (5, new.id, 0, 60000, 0); end;
create trigger upstream_usage_made after insert on usage
begin insert into upstream_notes values (6, new.session_id, new.hour_ms, 60000, 0); end;
create trigger upstream_usage_grown after update on usage
begin insert into upstream_notes values (6, new.session_id, new.hour_ms, 60000, 0); end;

-- What there is already. A token's last known change is its revocation.
insert into upstream_outbox (kind, id, part, version, waiting_since, due_at_ms)
  select kind, id, 0, is_final << 62 | at_ms * 65536 + node_number, at_ms * 65536 + node_number, 0
  from upstream_link,
    (select 1 as kind, id, created_at_ms as at_ms, 0 as is_final from organisations
     union all select 2, id, created_at_ms, 0 from projects
     union all select 3, id, coalesce(revoked_at_ms, created_at_ms), revoked_at_ms is not null from tokens
     union all select 4, id, created_at_ms, 0 from webhooks);
