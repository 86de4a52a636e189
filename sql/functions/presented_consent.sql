-- Takes no argument, so that a token's holder learns nothing about other people.
begin
  return exists (
    select
      from public.ai_runs r
     where r.token_sha256 = wall.presented_token() and wall.consent_is_valid(r.subject_id, 'ai_processing', null));
end
