#variable_conflict use_column
declare
  job public.delivery_jobs;
begin
  select j.* into job from public.delivery_jobs j where j.id = settle_job.job_id;
  if job.status in ('pending', 'waiting') and cardinality(wall.job_purposes(job.channel, job.leg)) > 0
     and (job.status = 'waiting') = wall.job_consents_valid(job.subject_id, job.channel, job.leg, job.artifact_id) then
    update public.delivery_jobs j
       set status = case
                      when j.status = 'waiting' then 'pending'
                      when wall.job_waits(j.channel, j.leg) then 'waiting'
                      else 'cancelled'
                    end,
           finished_at = case when j.status = 'pending' and not wall.job_waits(j.channel, j.leg) then now() end
     where j.id = job.id and j.status = job.status;
    return found;
  end if;
  return false;
end
