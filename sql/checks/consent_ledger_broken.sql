-- The hash chain names the first row that was changed, removed or slipped in.
select count(*) from public.verify_ledger('consent_events') v where not v.intact
