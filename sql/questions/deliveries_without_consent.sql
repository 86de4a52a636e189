-- Counts e-mails that were sent without a valid consent.
-- The intent to send decides. A withdrawal that began before it may be committed after it, so five minutes are allowed.
select count(*)
  from (select j.id, j.channel, j.leg, j.status, j.subject_id, j.artifact_id,
               coalesce((select f.created_at from public.delivery_effects f where f.job_id = j.id and f.state = 'sent' limit 1),
                        j.finished_at) as judged_at
          from public.delivery_jobs j
         order by j.id desc
         limit nullif(current_setting('lab.recent', true), '')::bigint) j
 where j.status = 'done' and j.leg = 'email'
   and exists (
         select
           from unnest(wall.job_purposes(j.channel, j.leg)) as p (purpose)
          where 'given' is distinct from (
                  select e.action
                    from public.consent_events e
                   where e.subject_id = j.subject_id and e.purpose = p.purpose
                     and e.scope_id is not distinct from wall.consent_scope(p.purpose, j.artifact_id)
                     and e.created_at <= j.judged_at
                     and (e.action = 'given' or e.created_at < j.judged_at - interval '5 minutes')
                   order by e.id desc
                   limit 1))
