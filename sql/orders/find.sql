-- The purchase that a purchase's id, a job's number or a channel leads to; of a channel, the one of its newest job.
with named as (
  (select j.purchase_id, j.artifact_id, j.echo_entry_id
     from operations.delivery_jobs j
    where j.id = %(job)s::bigint)
  union all
  (select j.purchase_id, j.artifact_id, j.echo_entry_id
     from operations.delivery_jobs j
    where j.channel = %(channel)s::text
    order by j.id desc
    limit 1)
)
select p.id::text as id
  from operations.purchases p
 where p.id = %(purchase)s::uuid
union all
select coalesce(n.purchase_id, a.purchase_id, t.purchase_id, o.id)::text
  from named n
  left join operations.oracle_artifacts a on a.id = n.artifact_id
  left join operations.echo_entries t on t.id = n.echo_entry_id
  left join operations.purchases o on a.purchase_id is null and o.scroll_id = a.scroll_id
 where coalesce(n.purchase_id, a.purchase_id, t.purchase_id, o.id) is not null
 limit 1
