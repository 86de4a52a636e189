-- Counts consents that differ from the latest ledger entry of the same person, purpose and scope.
-- It looks at the newest entries of the ledger, and at as many consents.
select count(*)
  from ((select r.subject_id, r.purpose, r.scope_id
           from public.consent_events r
          order by r.id desc
          limit nullif(current_setting('lab.recent', true), '')::bigint)
        union
        (select k.subject_id, k.purpose, k.scope_id
           from public.consents k
          order by k.id
          limit nullif(current_setting('lab.recent', true), '')::bigint)) decided
  join public.consents c
    on c.subject_id = decided.subject_id and c.purpose = decided.purpose
   and c.scope_id is not distinct from decided.scope_id
  left join lateral (select e.id, e.action
                       from public.consent_events e
                      where e.subject_id = decided.subject_id and e.purpose = decided.purpose
                        and e.scope_id is not distinct from decided.scope_id
                      order by e.scope_id desc, e.id desc
                      limit 1) newest on true
 where (c.event_id, c.standing) is distinct from (newest.id, newest.action = 'given')
