-- A leg that needs no consent passes. A condition of the trigger, which Postgres parses for every job, would be slower.
declare
  purpose text;
begin
  if new.status = 'pending' and not wall.job_consents_valid(new.subject_id, new.channel, new.leg, new.artifact_id) then
    foreach purpose in array wall.job_purposes(new.channel, new.leg) loop
      if not wall.consent_is_valid(new.subject_id, purpose, wall.consent_scope(purpose, new.artifact_id)) then
        raise exception 'the % job needs the consent %, which is not given', new.channel, purpose
          using errcode = '42501', hint = 'Ask for the consent first. The purchase is ready in the account meanwhile.';
      end if;
    end loop;
  end if;
  return new;
end
