-- Somebody who asked for their way back a week ago, and cannot be reached by e-mail, is still locked out.
select count(*)
  from public.delivery_jobs j
 where j.status = 'waiting' and j.channel = 'recovery' and j.created_at < now() - interval '7 days'
