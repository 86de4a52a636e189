-- A message that left keeps its job: the job is its receipt. Whatever is open about the person keeps every job of theirs.
begin
  return exists (
    select
      from public.delivery_jobs j
     where j.id = job_may_go.job_id
       and j.status in ('done', 'cancelled')
       and j.finished_at < now() - make_interval(days => wall.kept_days())
       and not exists (select from public.delivery_effects e where e.job_id = j.id and e.state <> 'refused')
       and not exists (select from public.delivery_links l where l.job_id = j.id and l.expires_at > now())
       and not exists (select from public.privacy_requests r where r.subject_id = j.subject_id and r.closed_at is null)
       and not exists (select from public.erased_subjects e where e.subject_id = j.subject_id)
       and wall.erasure_pause(j.subject_id) is null);
end
