-- Counts breaks in the hash chain of the consent ledger, in its newest links or in all of them.
select count(*)
  from public.verify_ledger('consent_events', nullif(current_setting('lab.recent', true), '')::bigint) v
 where not v.intact
