declare
  job public.delivery_jobs;
begin
  select j.* into job from public.delivery_jobs j where j.id = new.id for update;
  if job.id is null or not wall.job_may_go(job.id) then
    raise exception 'this job must stay'
      using errcode = '42501', hint = 'A job goes only long after its end, and while nothing about its person is open.';
  end if;
  new.idempotency_key := job.idempotency_key;
  new.subject_id := job.subject_id;
  new.status := job.status;
  new.finished_at := job.finished_at;
  new.created_at := now();
  return new;
end
