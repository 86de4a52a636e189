-- Columns of tables and views. `unproven` is a not-null that was never validated (18): attnotnull says
-- true all the same, with nulls present.
select 'column' as kind,
       format('%I.%I.%I', n.nspname, c.relname, a.attname) as key,
       jsonb_strip_nulls(jsonb_build_object(
         'relation', format('%I.%I', n.nspname, c.relname),
         'form', c.relkind,
         'type', format_type(a.atttypid, a.atttypmod),
         'collation', case when a.attcollation <> t.typcollation then
           (select format('%I.%I', cn.nspname, co.collname) from pg_collation co
              join pg_namespace cn on cn.oid = co.collnamespace where co.oid = a.attcollation) end,
         'default', pg_get_expr(d.adbin, d.adrelid),
         'not_null', a.attnotnull,
         'identity', nullif(a.attidentity, ''),
         'generated', nullif(a.attgenerated, ''),
         'unproven', (select k.conname from pg_constraint k
                       where k.conrelid = a.attrelid and k.contype = 'n' and k.conkey = array[a.attnum]
                         and not k.convalidated),
         'comment', col_description(a.attrelid, a.attnum)
       )) as facts
  from pg_attribute a
  join pg_class c on c.oid = a.attrelid and c.relkind <> 'S'
  join pg_namespace n on n.oid = c.relnamespace
  join pg_type t on t.oid = a.atttypid
  left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
 where a.attrelid = any (current_setting('lab.relations')::oid[])
   and a.attnum > 0 and not a.attisdropped;
