-- Counts open privacy requests whose deadline, extended or not, has passed.
select count(*)
  from public.privacy_requests r
 where r.closed_at is null and coalesce(r.extended_until, r.due_at) < now()
