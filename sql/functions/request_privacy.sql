#variable_conflict use_column
declare
  request uuid;
begin
  insert into public.privacy_requests (subject_id, kind)
  values ((select auth.uid()), request_privacy.kind)
  returning id into request;
  return request;
end
