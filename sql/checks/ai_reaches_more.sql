-- The AI's role may read its brief and write its staging table, and nothing else in any of our schemas.
select count(*)
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where n.nspname in ('public', 'operations', 'ai')
   and c.relkind in ('r', 'v', 'm', 'p')
   and (n.nspname, c.relname) not in (('ai', 'briefs'), ('public', 'ai_runs'))
   and has_any_column_privilege('ai_worker', c.oid, 'select, insert, update')
   and not exists (
         select
           from pg_catalog.pg_depend d -- an extension's own, which everybody may read
          where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
