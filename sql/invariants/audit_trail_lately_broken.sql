-- The last links of the hash chain name the first row that was changed, removed or slipped in.
select count(*)
  from public.verify_ledger('admin_audit_events', nullif(current_setting('lab.recent', true), '')::bigint) v
 where not v.intact
