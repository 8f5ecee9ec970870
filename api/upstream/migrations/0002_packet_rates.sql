-- Packets a second each way: of a whole project on one node, and of each of its credentials.
alter table projects add column quota_packets_per_second bigint;
alter table projects add column credential_packets_per_second bigint;
