-- Counts jobs that are parked for more than a week.
-- The audit trail has the time of parking; for a job without such a line its creation counts.
select count(*)
  from public.delivery_jobs j
 where j.held = 'parked'
   and j.created_at < now() - interval '7 days'
   and not exists (
         select
           from public.admin_audit_events e
          where e.object_table = 'delivery_jobs' and e.object_id = j.id::text and e.action = 'job.parked'
            and e.created_at >= now() - interval '7 days')
