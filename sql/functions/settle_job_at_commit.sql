-- A job that a decision has overtaken ends as if the decision had come right after it: nobody's payment or lease fails
-- for it. The shared lock is held for the length of the commit alone; without it after 20 ms the job stays as it is,
-- is asked about before anything leaves, and settle_consents comes back to it.
begin
  perform wall.lock_person(new.subject_id, false, 20);
  perform wall.refuse_stale_snapshot();
  if new.status = 'pending' and current_setting('wall.judged', true) = pg_current_snapshot()::text then
    return null;
  end if;
  perform wall.settle_job(new.id);
  return null;
end
