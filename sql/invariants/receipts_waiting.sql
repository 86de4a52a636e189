-- A receipt whose e-mail has waited for a week is one that the buyer may never have seen.
select count(*)
  from public.delivery_jobs j
 where j.status = 'waiting' and j.channel = 'receipt' and j.created_at < now() - interval '7 days'
