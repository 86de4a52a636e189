-- One statement finds and writes the run, so that a second writer with the same token finds nothing.
#variable_conflict use_column
declare
  run uuid;
begin
  if coalesce(jsonb_typeof(write_ai_run.output), '') <> 'object' or octet_length(write_ai_run.output::text) > 65536 then
    raise exception 'an answer must be a JSON object of at most 65536 bytes' using errcode = '22023';
  end if;
  update public.ai_runs r
     set status = 'written', output = write_ai_run.output, token_sha256 = null
   where r.token_sha256 = sha256(convert_to(write_ai_run.token, 'UTF8'))
     and r.status = 'requested'
     and r.lease_until > clock_timestamp()
  returning r.id into run;
  if run is null then
    raise exception 'this token cannot write'
      using errcode = '42501', hint = 'It was used, its lease has expired, or its run was discarded. Request another run.';
  end if;
  return true;
end
