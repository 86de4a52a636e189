-- Undeclared views that read a table of ours, directly or through other views, with the columns that may hold the id of
-- a row: who may read them, by which columns they can be searched fast, and whether they are materialized, so that
-- their data may be old.
with recursive resting (oid) as (
  select c.oid
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
   where n.nspname || '.' || c.relname = any (%(tables)s)
  union
  select r.ev_class
    from resting b
    join pg_catalog.pg_depend d on d.refobjid = b.oid and d.refclassid = 'pg_catalog.pg_class'::regclass
                               and d.classid = 'pg_catalog.pg_rewrite'::regclass
    join pg_catalog.pg_rewrite r on r.oid = d.objid and r.ev_class <> b.oid
)
select format('%%I.%%I', n.nspname, c.relname),
       array(select format('%%I', a.attname) from pg_catalog.pg_attribute a
              where a.attrelid = c.oid and a.attnum > 0 and a.atttypid = 'uuid'::regtype order by a.attnum),
       array(select i.role from unnest(%(roles)s::text[]) as i (role)
              where has_schema_privilege(i.role, n.oid, 'usage') and has_any_column_privilege(i.role, c.oid, 'select')),
       c.relkind = 'm'
  from resting b
  join pg_catalog.pg_class c on c.oid = b.oid and c.relkind in ('v', 'm')
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where n.nspname || '.' || c.relname <> all (%(tables)s || %(views)s)
