-- Counts 1 when real purchases are older than three periods of reconcile_payments, and no run of it ended well since.
-- A purchase has the mode of its link, and the index on links finds the first one.
select count(*)
  from (values (1)) as one
 where exists (
         select
           from public.purchase_links l
           join lateral (
                select from public.purchases p
                 where p.purchase_link_id = l.id and p.created_at < now() - interval '3 hours'
                 limit 1) as sold on true
          where l.livemode)
   and not exists (
         select
           from public.scheduled_runs r
          where r.task = 'reconcile_payments' and r.mode = 'live' and r.succeeded_at >= now() - interval '3 hours')
