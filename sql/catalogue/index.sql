-- Indexes. `valid` alone is not enough: an index that is not ready accepts duplicates.
select 'index' as kind,
       format('%I.%I', n.nspname, x.relname) as key,
       format('%I.%I', n.nspname, c.relname) as relation,
       regexp_replace(pg_get_indexdef(i.indexrelid), '( WITH [(].*?[)])?( WHERE .*)?$', '') as definition,
       (select json_agg(o.line order by o.line) from unnest(x.reloptions) as o (line)) as options,
       pg_get_expr(i.indpred, i.indrelid) as predicate,
       i.indisunique as unique,
       i.indnullsnotdistinct as nulls_not_distinct,
       i.indisvalid as valid,
       i.indisready as ready,
       i.indislive as live,
       (select k.conname from pg_constraint k
         where k.conrelid = i.indrelid and k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x') limit 1) as constraint,
       (select d.description from pg_description d
         where d.objoid = i.indexrelid and d.classoid = 'pg_class'::regclass and d.objsubid = 0) as comment
  from pg_index i
  join pg_class x on x.oid = i.indexrelid
  join pg_class c on c.oid = i.indrelid
  join pg_namespace n on n.oid = c.relnamespace
 where i.indrelid = any (current_setting('lab.relations')::oid[]);
