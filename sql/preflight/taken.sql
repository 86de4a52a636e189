-- Reads existing objects whose names the migrations would use, with the comments that identify our own objects. A name is
-- a schema and, except for a schema itself, a name in it.
with ours as (
  select w.kind, w.schema, w.name from jsonb_to_recordset(%s) as w (kind text, schema text, name text)
)
select 'schema' as kind, pg_catalog.quote_ident(n.nspname) as name,
       array[obj_description(n.oid, 'pg_namespace')] as comments
  from pg_catalog.pg_namespace n
  join ours on ours.kind = 'schema' and ours.schema = n.nspname
union all
select case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence'
         when 'i' then 'index' when 'I' then 'index' when 'f' then 'foreign table' when 'c' then 'type' else 'table' end,
       pg_catalog.format('%%I.%%I', n.nspname, c.relname),
       array[obj_description(c.oid, 'pg_class'), obj_description(i.indrelid, 'pg_class')]
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join ours on ours.kind = 'relation' and ours.schema = n.nspname and ours.name = c.relname
  left join pg_catalog.pg_index i on i.indexrelid = c.oid
union all
select 'type', pg_catalog.format('%%I.%%I', n.nspname, t.typname), array[obj_description(t.oid, 'pg_type')]
  from pg_catalog.pg_type t
  join pg_catalog.pg_namespace n on n.oid = t.typnamespace
  join ours on ours.kind = 'relation' and ours.schema = n.nspname and ours.name = t.typname
 where t.typrelid = 0 and t.typcategory <> 'A'
union all
select 'function', pg_catalog.format('%%I.%%I(%%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)),
       array[obj_description(p.oid, 'pg_proc')]
  from pg_catalog.pg_proc p
  join pg_catalog.pg_namespace n on n.oid = p.pronamespace
  join ours on ours.kind = 'function' and ours.schema = n.nspname and ours.name = p.proname
 order by kind, name;
