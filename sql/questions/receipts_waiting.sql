-- Counts receipt e-mails that have waited for more than a week.
select count(*)
  from public.delivery_jobs j
 where j.held = 'waiting' and j.channel = 'receipt' and j.created_at < now() - interval '7 days'
