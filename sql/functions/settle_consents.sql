-- Applies decisions to rows that were skipped before: consents that are marked, copies that differ from the newest
-- entries, and the newest jobs whose state differs from their consents. Never waits for a lock.
declare
  decision record;
  job record;
  settled integer := 0;
begin
  if coalesce(most, 0) not between 1 and 100000 then
    raise exception 'most must be 1 to 100000' using errcode = '22023';
  end if;
  perform wall.refuse_stale_snapshot();
  for decision in
    (select c.subject_id, c.purpose, c.scope_id from public.consents c where c.unsettled limit most)
    union
    select e.subject_id, e.purpose, e.scope_id
      from (select r.* from public.consent_events r order by r.id desc limit most) e
      left join public.consents c
             on c.subject_id = e.subject_id and c.purpose = e.purpose and c.scope_id is not distinct from e.scope_id
     where e.subject_id is not null and (c.event_id is null or c.event_id < e.id)
  loop
    continue when not wall.lock_person(decision.subject_id, true, 0);
    perform wall.settle_consent(e.subject_id, e.purpose, e.scope_id, e.id, e.action = 'given', e.created_at, false)
       from public.consent_events e
      where e.id = wall.newest_consent(decision.subject_id, decision.purpose, decision.scope_id);
    settled := settled + 1;
  end loop;
  for job in
    select j.id, j.subject_id
      from (select k.* from public.delivery_jobs k order by k.id desc limit most) j
     where j.status in ('pending', 'waiting') and cardinality(wall.job_purposes(j.channel, j.leg)) > 0
       and (j.status = 'waiting') = wall.job_consents_valid(j.subject_id, j.channel, j.leg, j.artifact_id)
  loop
    continue when not wall.lock_person(job.subject_id, true, 0);
    perform from public.delivery_jobs j where j.id = job.id for update skip locked;
    continue when not found;
    settled := settled + wall.settle_job(job.id)::integer;
  end loop;
  return settled;
end
