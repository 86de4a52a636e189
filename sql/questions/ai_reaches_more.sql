-- Counts the privileges of the AI's role beyond the brief of its run and the function that writes the output.
select (select count(*)
          from pg_catalog.pg_class c
          join pg_catalog.pg_namespace n on n.oid = c.relnamespace
         where n.nspname in ('public', 'operations', 'ai')
           and c.relkind in ('r', 'v', 'm', 'p')
           and (n.nspname, c.relname) <> ('ai', 'briefs')
           and has_any_column_privilege('ai_worker', c.oid, 'select, insert, update')
           and not exists (
                 select
                   from pg_catalog.pg_depend d -- an object of an extension, which everybody may read
                  where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'))
     + (select count(*)
          from pg_catalog.pg_proc p
          join pg_catalog.pg_namespace n on n.oid = p.pronamespace
         where n.nspname in ('public', 'wall', 'operations', 'ai')
           and p.prosecdef
           and (n.nspname, p.proname) not in (('public', 'write_ai_run'), ('wall', 'presented_consent'))
           and has_function_privilege('ai_worker', p.oid, 'execute')
           and not exists (
                 select
                   from pg_catalog.pg_depend d
                  where d.classid = 'pg_catalog.pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'))
