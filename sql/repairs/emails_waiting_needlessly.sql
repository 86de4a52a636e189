-- Lets every waiting e-mail go ahead whose consents all stand; the wall asks for each of them once more.
update public.delivery_jobs j
   set status = 'pending', next_run_at = now()
 where j.status = 'waiting'
   and not exists (
         select
           from unnest(wall.job_purposes(j.channel, j.leg)) as p (purpose)
          where not exists (
                  select
                    from public.consents c
                   where c.subject_id = j.subject_id and c.purpose = p.purpose and c.standing
                     and c.scope_id is not distinct from wall.consent_scope(p.purpose, j.artifact_id)));
