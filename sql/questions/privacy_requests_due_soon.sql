-- Counts open privacy requests whose deadline is less than a week away.
select count(*)
  from public.privacy_requests r
 where r.closed_at is null
   and coalesce(r.extended_until, r.due_at) between now() and now() + interval '7 days'
