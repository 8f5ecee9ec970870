create table webhooks (
  id blob primary key check (length(id) = 16),
  project_id blob not null references projects (id) on delete cascade,
  url text not null,
  -- Names separated by spaces: 'session.started session.ended'.
  events text not null,
  -- What deliveries are signed with; it has to be known to sign.
  secret text not null,
  enabled integer not null,
  created_at_ms integer not null
) strict;

-- The outbox: what is to be sent, what was, and what nobody took.
create table deliveries (
  id blob primary key check (length(id) = 16),
  webhook_id blob not null references webhooks (id) on delete cascade,
  event_id blob not null,
  event text not null,
  body text not null,
  created_at_ms integer not null,
  -- Tries until here; the next is due then, null when there will be none.
  attempts integer not null default 0,
  due_at_ms integer,
  -- No try after this: it is dead then.
  give_up_at_ms integer not null,
  delivered_at_ms integer,
  -- Of the last try: its HTTP status, or what went wrong before there was one.
  last_status integer,
  last_fault text,
  unique (webhook_id, event_id)
) strict;

create index deliveries_due on deliveries (webhook_id, due_at_ms) where due_at_ms is not null;
create index deliveries_of_webhook on deliveries (webhook_id, created_at_ms, id);
create index deliveries_settled on deliveries (created_at_ms) where due_at_ms is null;
