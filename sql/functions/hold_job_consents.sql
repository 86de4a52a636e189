-- The person's decisions wait until this transaction has ended, and this one waits for theirs, also where there is no
-- consent yet: a job is neither queued beside a withdrawal, nor left waiting beside a consent that was just given.
-- Ask before a job's row is locked: a decision goes from the consent to the jobs as well, so nobody waits in a circle.
declare
  purposes text[] := wall.job_purposes(channel, leg);
  purpose text;
begin
  if coalesce(cardinality(purposes), 0) = 0 then
    return true;
  end if;
  perform pg_advisory_xact_lock_shared(hashtextextended('consents of ' || subject, 0));
  foreach purpose in array purposes loop
    if not wall.consent_stands(subject, purpose, wall.consent_scope(purpose, hold_job_consents.artifact_id)) then
      return false;
    end if;
  end loop;
  return true;
end
