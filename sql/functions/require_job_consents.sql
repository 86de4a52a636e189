-- The first judgement of a transaction notes what it saw: if nothing was committed since, it need not judge again.
declare
  purpose text;
begin
  foreach purpose in array wall.job_purposes(new.channel, new.leg) loop
    if not wall.consent_stands(new.subject_id, purpose, wall.consent_scope(purpose, new.artifact_id)) then
      raise exception 'the % job needs the consent %, which does not stand', new.channel, purpose
        using errcode = '42501', hint = 'Ask for the consent first; what was bought is ready in the account meanwhile.';
    end if;
  end loop;
  if coalesce(current_setting('wall.judged', true), '') = '' then
    perform set_config('wall.judged', pg_current_snapshot()::text, true);
  end if;
  return new;
end
