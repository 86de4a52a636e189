-- A running job was due when it was claimed, so that jobs of the future are not read.
-- Any worker may call it at any time: locked rows are skipped. It also calls settle_consents, to apply decisions to
-- rows that were locked before.
#variable_conflict use_column
declare
  expired bigint;
  recovered integer := 0;
begin
  for expired in
    select j.id
      from public.delivery_jobs j
     where j.queued and j.status = 'running' and j.next_run_at <= now() and j.lease_until < now()
     order by j.lease_until
     limit most
  loop
    if wall.end_attempt(expired, null, 'lease_expired', 'lease.expired', null) <> 'fenced' then
      recovered := recovered + 1;
    end if;
  end loop;
  perform public.settle_consents(100);
  return recovered;
end
