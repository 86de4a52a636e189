-- A purchase's jobs in the order in which they were made, each with its failed attempts and what its provider said.
with made as (
  select a.id
    from operations.purchases p
    join operations.oracle_artifacts a
      on a.purchase_id = p.id or a.purchase_id is null and a.scroll_id = p.scroll_id
   where p.id = %(order)s::uuid
)
select j.channel, j.leg, j.status, j.attempts, e.state as message, e.provider,
       (select coalesce(json_agg(json_build_array(t.attempt, t.outcome, t.error_class) order by t.id), '[]')
          from operations.delivery_attempts t
         where t.job_id = j.id) as failed
  from operations.delivery_jobs j
  left join operations.delivery_effects e on e.job_id = j.id and e.state <> 'refused'
 where j.purchase_id = %(order)s::uuid
    or j.artifact_id in (select m.id from made m)
    or j.echo_entry_id in (select o.id from operations.echo_entries o where o.purchase_id = %(order)s::uuid)
 order by j.id
