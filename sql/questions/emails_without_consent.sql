-- Counts queued e-mails that lack a consent they need.
select count(*)
  from public.delivery_jobs j
 where j.queued and j.status = 'pending'
   and exists (
         select
           from unnest(wall.job_purposes(j.channel, j.leg)) as p (purpose)
          where not exists (
                  select
                    from public.consents c
                   where c.subject_id = j.subject_id and c.purpose = p.purpose and c.standing
                     and c.scope_id is not distinct from wall.consent_scope(p.purpose, j.artifact_id)))
