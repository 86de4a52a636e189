-- Reads whether the tables are there, which environment deliveries are open for, and when a scheduled task last succeeded.
select exists (select from public.delivery_environments) as opened,
       (select wall.environment_fault(e.environment)
          from public.delivery_environments e
         order by e.id desc
         limit 1) as fault,
       (select max(r.succeeded_at) from public.scheduled_runs r) as succeeded_at,
       now() as now
