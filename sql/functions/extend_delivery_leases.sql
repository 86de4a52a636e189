#variable_conflict use_column
begin
  if coalesce(lease_seconds, 0) not between 1 and 3600 then
    raise exception 'a lease lasts 1 to 3600 seconds' using errcode = '22023';
  end if;
  return query
  update public.delivery_jobs j
     set lease_until = now() + make_interval(secs => extend_delivery_leases.lease_seconds)
   where j.lease_token = extend_delivery_leases.lease_token
     and j.status = 'running'
     and not j.cancel_requested
  returning j.id;
end
