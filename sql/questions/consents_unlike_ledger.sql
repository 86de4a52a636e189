-- Counts consents that differ from the latest ledger entry of the same person, purpose and scope.
select count(*)
  from (select k.subject_id, k.purpose, k.scope_id, k.standing, k.event_id
          from public.consents k
         order by k.event_id desc
         limit nullif(current_setting('lab.recent', true), '')::bigint) c
  join public.consent_events e on e.id = c.event_id
 where (e.action = 'given') is distinct from c.standing
    or e.subject_id is distinct from c.subject_id
    or e.purpose <> c.purpose
    or exists (select from public.consent_events later
                where later.subject_id = c.subject_id and later.purpose = c.purpose
                  and later.scope_id is not distinct from c.scope_id and later.id > c.event_id)
