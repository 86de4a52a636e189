begin
  return exists (
    select
      from public.privacy_requests r
     where r.subject_id = erasing.subject and r.kind = 'deletion' and r.status = 'running');
end
