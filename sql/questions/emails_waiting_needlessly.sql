-- Counts waiting e-mails whose consents are all valid.
-- The query reads the newest decisions and not the e-mails, because many e-mails may rightly wait forever.
select count(distinct j.id)
  from (select k.subject_id
          from public.consent_events k
         order by k.id desc
         limit nullif(current_setting('lab.recent', true), '')::bigint) k
  join public.delivery_jobs j on j.subject_id = k.subject_id and j.status = 'waiting'
 where not exists (
         select
           from unnest(wall.job_purposes(j.channel, j.leg)) as p (purpose)
          where not exists (
                  select
                    from public.consents c
                   where c.subject_id = j.subject_id and c.purpose = p.purpose and c.standing
                     and c.scope_id is not distinct from wall.consent_scope(p.purpose, j.artifact_id)))
