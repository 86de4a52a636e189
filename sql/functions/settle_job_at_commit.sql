-- A job that a decision has overtaken ends as if the decision had come right after it, so that no payment or lease
-- fails because of it. The shared lock is held only for the commit. If it is not free within 20 ms, the job stays as it
-- is; its consents are checked before it is sent, and settle_consents tries again.
declare
  locked boolean;
begin
  if new.status in ('pending', 'waiting')
     and (new.leg = 'email' or cardinality(wall.job_purposes(new.channel, new.leg)) > 0) then
    locked := wall.lock_person(new.subject_id, false, 20);  -- a query with "perform" would take twice as long
    if current_setting('transaction_isolation') <> 'read committed' then
      perform wall.refuse_stale_snapshot();
    end if;
    if (new.status = 'waiting') = wall.job_consents_valid(new.subject_id, new.channel, new.leg, new.artifact_id) then
      perform wall.settle_job(new.id);
    end if;
  end if;
  return null;
end
