-- The law gives one month, or up to three when the person was told why.
select count(*)
  from public.privacy_requests r
 where r.closed_at is null and coalesce(r.extended_until, r.due_at) < now()
