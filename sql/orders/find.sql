-- The purchase that a purchase's id, a job's number or a channel leads to; of a channel, the one of its newest job.
select p.id::text as id
  from operations.purchases p
 where p.id::text = %(purchase)s
union all
(select coalesce(j.purchase_id, a.purchase_id, o.id)::text
   from operations.delivery_jobs j
   left join operations.oracle_artifacts a on a.id = j.artifact_id
   left join operations.purchases o on a.purchase_id is null and o.scroll_id = a.scroll_id
  where (j.id = %(job)s or j.channel = %(channel)s)
    and coalesce(j.purchase_id, a.purchase_id, o.id) is not null
  order by j.id desc
  limit 1)
