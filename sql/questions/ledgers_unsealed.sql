-- Counts ledger rows that are older than an hour and not in the hash chain.
select (select count(*)
          from (select e.id, e.created_at
                  from public.consent_events e
                 where e.id > coalesce((
                         select s.row_id
                           from public.ledger_seals s
                          where s.ledger = 'consent_events' and s.created_at < now() - interval '1 hour'
                          order by s.row_id desc
                          limit 1), 0)
                 order by e.id
                 limit nullif(current_setting('lab.recent', true), '')::bigint) e
         where e.created_at < now() - interval '1 hour'
           and not exists (select from public.ledger_seals s where s.ledger = 'consent_events' and s.row_id = e.id))
     + (select count(*)
          from (select e.id, e.created_at
                  from public.admin_audit_events e
                 where e.id > coalesce((
                         select s.row_id
                           from public.ledger_seals s
                          where s.ledger = 'admin_audit_events' and s.created_at < now() - interval '1 hour'
                          order by s.row_id desc
                          limit 1), 0)
                 order by e.id
                 limit nullif(current_setting('lab.recent', true), '')::bigint) e
         where e.created_at < now() - interval '1 hour'
           and not exists (select from public.ledger_seals s where s.ledger = 'admin_audit_events' and s.row_id = e.id))
