-- A ledger row that is not in the chain within the hour could be changed without a trace.
select (select count(*)
          from public.consent_events e
         where e.id > (select coalesce(max(s.row_id), 0) - 100000 from public.ledger_seals s where s.ledger = 'consent_events')
           and e.created_at < now() - interval '1 hour'
           and not exists (select from public.ledger_seals s where s.ledger = 'consent_events' and s.row_id = e.id))
     + (select count(*)
          from public.admin_audit_events e
         where e.id > (select coalesce(max(s.row_id), 0) - 100000 from public.ledger_seals s where s.ledger = 'admin_audit_events')
           and e.created_at < now() - interval '1 hour'
           and not exists (select from public.ledger_seals s where s.ledger = 'admin_audit_events' and s.row_id = e.id))
