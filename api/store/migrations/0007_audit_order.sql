-- The log is read by time: those of several nodes have no other order in common.
create index audit_by_time on audit (organisation_id, at_ms, id);
drop index audit_by_organisation;
