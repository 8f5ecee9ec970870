-- Organisations, projects and tokens as the nodes of a fleet share them; kind as numbered in
-- api/model/shared_record.hpp. Beside what holds here, it has what still waits for its project, and what is gone.
create table records (
  kind integer not null,
  key blob not null,
  version integer not null,
  until_s integer not null,
  body blob not null,
  primary key (kind, key)
) strict, without rowid;
