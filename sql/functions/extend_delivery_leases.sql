#variable_conflict use_column
begin
  if cardinality(job_ids) > 1000 then
    raise exception 'at most 1000 leases are extended at once' using errcode = '22023';
  end if;
  if coalesce(lease_seconds, 0) not between 1 and 3600 then
    raise exception 'a lease lasts 1 to 3600 seconds' using errcode = '22023';
  end if;
  return query
  update public.delivery_jobs j
     set lease_until = now() + make_interval(secs => extend_delivery_leases.lease_seconds)
   where j.id = any ((select extend_delivery_leases.job_ids)::bigint[])
     and j.lease_token = extend_delivery_leases.lease_token
     and not j.cancel_requested
  returning j.id;
end
