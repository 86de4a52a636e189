-- The answer is of this moment and holds nothing: a withdrawal never waits for whoever asked.
declare
  purpose text;
begin
  if channel is null or leg is null then
    raise exception 'the rules know no such leg of a job' using errcode = '22023';
  end if;
  foreach purpose in array wall.job_purposes(channel, leg) loop
    if not wall.consent_stands(subject, purpose, wall.consent_scope(purpose, job_consents_stand.artifact_id)) then
      return false;
    end if;
  end loop;
  return true;
end
