-- Packets a second each way, beside the bit rates: of a whole project on one node, of each of its credentials, of a
-- credential as it was issued, and of a cap.
alter table projects add column quota_packets_per_second integer check (quota_packets_per_second > 0);
alter table projects add column credential_packets_per_second integer check (credential_packets_per_second > 0);
alter table credentials add column packets_per_second_max integer;
alter table overrides add column packets_per_second_max integer;
