declare
  open_step text;
begin
  if exists (select from public.storage_deletions d where d.request_id = finish_erasure.request and d.done_at is null) then
    return 'files';
  end if;
  perform wall.record_step(finish_erasure.request, 3, 'files', true);
  select s.name into open_step
    from public.privacy_request_steps s
   where s.request_id = finish_erasure.request and s.status not in ('done', 'skipped')
   order by s.position
   limit 1;
  update public.privacy_requests r
     set status = case when open_step is null then 'done' else 'waiting_processor' end,
         proof_sha256 = (select a.row_hash
                           from public.admin_audit_events a
                          where a.object_table = 'privacy_requests' and a.object_id = r.id::text
                            and a.action = 'subject.erased'
                          order by a.id desc
                          limit 1)
   where r.id = finish_erasure.request
     and (r.status = 'running' or r.status = 'waiting_processor' and open_step is null);
  return coalesce(open_step, 'done');
end
