-- Event triggers, with their functions.
select 'event_trigger' as kind,
       v.evtname::text as key,
       v.evtevent as event,
       v.evtenabled as enabled,
       pg_get_userbyid(v.evtowner) as owner,
       v.evtfoid::regproc::text as function,
       pg_get_userbyid(p.proowner) as function_owner,
       p.prosrc as body
  from pg_event_trigger v
  join pg_proc p on p.oid = v.evtfoid;
