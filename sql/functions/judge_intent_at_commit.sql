-- The shared lock is held only for the commit: a withdrawal that was committed before is visible here, and a later one
-- finds the intent. A job that is gone was erased with its person, and its messages with it.
declare
  job public.delivery_jobs;
begin
  select j.* into job from public.delivery_jobs j where j.id = new.job_id;
  if job.id is null then
    return null;
  end if;
  if not wall.lock_person(job.subject_id, false, 900) then
    raise exception 'nothing is sent while its owner decides about a consent'
      using errcode = '40001', hint = 'Try again.';
  end if;
  perform wall.refuse_stale_snapshot();
  if not wall.job_consents_valid(job.subject_id, job.channel, job.leg, job.artifact_id) then
    raise exception 'the message needs a consent that was withdrawn meanwhile'
      using errcode = '40001', hint = 'Try again; begin_send then says that it is withheld.';
  end if;
  return null;
end
