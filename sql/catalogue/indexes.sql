-- Indexes. `valid` alone is not enough: an index that is not ready lets duplicates in.
select 'index' as kind,
       format('%I.%I', n.nspname, x.relname) as key,
       jsonb_strip_nulls(jsonb_build_object(
         'relation', format('%I.%I', n.nspname, c.relname),
         'definition', regexp_replace(pg_get_indexdef(i.indexrelid), '( WITH \(.*?\))?( WHERE .*)?$', ''),
         'predicate', pg_get_expr(i.indpred, i.indrelid),
         'unique', i.indisunique,
         'nulls_not_distinct', i.indnullsnotdistinct,
         'valid', i.indisvalid,
         'ready', i.indisready,
         'live', i.indislive,
         'constraint', (select k.conname from pg_constraint k where k.conrelid = i.indrelid
                          and k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x') limit 1),
         'comment', obj_description(i.indexrelid, 'pg_class')
       )) as facts
  from pg_index i
  join pg_class x on x.oid = i.indexrelid
  join pg_class c on c.oid = i.indrelid
  join pg_namespace n on n.oid = c.relnamespace
 where i.indrelid = any (current_setting('lab.relations')::oid[]);
