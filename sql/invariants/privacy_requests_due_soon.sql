-- A week is what is left to answer, or to tell the person why it takes longer.
select count(*)
  from public.privacy_requests r
 where r.closed_at is null
   and coalesce(r.extended_until, r.due_at) between now() and now() + interval '7 days'
