#variable_conflict use_column
begin
  return query
  update public.delivery_jobs j
     set lease_until = now() + make_interval(secs => extend_delivery_leases.lease_seconds)
   where j.lease_token = extend_delivery_leases.lease_token
     and j.status = 'running'
     and not j.cancel_requested
  returning j.id;
end
