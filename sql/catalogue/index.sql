-- Indexes. `valid` alone is not enough: an index that is not ready accepts duplicates.
select 'index' as kind,
       i.indexrelid::regclass::text as key,
       i.indrelid::regclass::text as relation,
       case when x.reloptions is null and i.indpred is null then pg_get_indexdef(i.indexrelid)
            else regexp_replace(pg_get_indexdef(i.indexrelid), '( WITH [(].*?[)])?( WHERE .*)?$', '') end as definition,
       case when x.reloptions is not null then (
         select json_agg(u.line order by u.line) from unnest(x.reloptions) as u (line)) end as options,
       pg_get_expr(i.indpred, i.indrelid) as predicate,
       i.indisunique as unique,
       i.indnullsnotdistinct as nulls_not_distinct,
       i.indisvalid as valid,
       i.indisready as ready,
       i.indislive as live,
       case when i.indisunique or i.indisexclusion then (
         select k.conname
           from pg_constraint k -- has the name of its index, and is found by it
          where k.conrelid = i.indrelid and k.contypid = 0 and k.conname = x.relname
            and k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x')) end as constraint,
       (select d.description from pg_description d
         where d.objoid = i.indexrelid and d.classoid = 'pg_class'::regclass and d.objsubid = 0) as comment
  from pg_index i
  join pg_class x on x.oid = i.indexrelid
 where i.indrelid = any ((select current_setting('lab.relations')::oid[])::oid[]);
