#variable_conflict use_column
declare
  token uuid := gen_random_uuid();
begin
  if coalesce(most, 0) not between 1 and 1000 or coalesce(lease_seconds, 0) not between 1 and 3600 then
    raise exception 'a claim must be for 1 to 1000 events and 1 to 3600 seconds' using errcode = '22023';
  end if;
  return query
  with due as materialized (
    select e.id
      from public.stripe_events e
     where e.status in ('received', 'processing', 'failed')
       and e.next_attempt_at <= now()
       and e.livemode = claim_stripe_events.livemode
     order by e.next_attempt_at
     limit most
       for update skip locked
  ), claimed as (
  update public.stripe_events e
     set status = 'processing',
         attempts = e.attempts + 1,
         lease_token = token,
         lease_until = now() + make_interval(secs => lease_seconds),
         next_attempt_at = now() + make_interval(secs => lease_seconds),
         worker = claim_stripe_events.worker
    from due
   where e.id = due.id
  returning e.id, e.type, e.object_id, e.checkout_session_id, e.payload, e.attempts, e.lease_token, e.stripe_created_at,
            e.created_at
  )
  select c.id, c.type, c.object_id, c.checkout_session_id, c.payload, c.attempts, c.lease_token
    from claimed c
   order by c.stripe_created_at, c.created_at, c.id;
end
