-- Takes every queued e-mail without its consents out of the queue: it waits for them, or is cancelled.
update public.delivery_jobs j
   set status = case when s.waits then 'waiting' else 'cancelled' end,
       finished_at = case when s.waits then null else now() end
  from public.delivery_jobs k, lateral wall.job_settings(k.channel) s
 where k.id = j.id and s.leg = j.leg and j.queued and j.status = 'pending'
   and exists (
         select
           from unnest(wall.job_purposes(j.channel, j.leg)) as p (purpose)
          where not exists (
                  select
                    from public.consents c
                   where c.subject_id = j.subject_id and c.purpose = p.purpose and c.standing
                     and c.scope_id is not distinct from wall.consent_scope(p.purpose, j.artifact_id)));
