-- Counts recovery deliveries within an hour after another one of the same purchase.
select count(*)
  from (select r.finished_at - lag(r.finished_at) over (partition by r.purchase_id, r.leg order by r.finished_at) as gap
          from (select j.channel, j.status, j.purchase_id, j.leg, j.finished_at
                  from public.delivery_jobs j
                 order by j.id desc
                 limit nullif(current_setting('lab.recent', true), '')::bigint) r
         where r.channel = 'recovery' and r.status = 'done' and r.purchase_id is not null) r
 where r.gap < interval '1 hour'
