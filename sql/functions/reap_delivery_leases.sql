-- Any worker may call it at any time: rows that somebody else is recovering are skipped.
#variable_conflict use_column
declare
  expired bigint;
  recovered integer := 0;
begin
  for expired in
    select j.id
      from public.delivery_jobs j
     where j.status = 'running' and j.lease_until < now()
     order by j.lease_until
     limit most
       for update skip locked
  loop
    perform wall.end_attempt(expired, 'lease_expired', 'lease.expired', null);
    recovered := recovered + 1;
  end loop;
  return recovered;
end
