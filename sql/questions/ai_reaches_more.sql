-- Counts the privileges of the AI's role beyond the brief of its run and the function that writes the output.
-- In our schemas and the platform's all count; elsewhere those granted to it or to a role that it may become.
with roles as (
  select r.oid from pg_catalog.pg_roles r where pg_has_role('ai_worker', r.oid, 'member')
), granted as (
  select d.classid, d.objid
    from pg_catalog.pg_shdepend d
    join roles r on d.refclassid = 'pg_catalog.pg_authid'::regclass and d.refobjid = r.oid
   where d.deptype in ('a', 'o')
     and d.dbid = (select b.oid from pg_catalog.pg_database b where b.datname = current_database())
)
select (select count(*)
          from pg_catalog.pg_class c
          join pg_catalog.pg_namespace n on n.oid = c.relnamespace
         where c.relkind in ('r', 'v', 'm', 'p', 'f')
           and (n.nspname, c.relname) <> ('ai', 'briefs')
           and (n.nspname in ('public', 'operations', 'ai', 'auth', 'vault')
                or (n.nspname, c.relname) = ('storage', 'objects')
                or exists (select from granted g where g.classid = 'pg_catalog.pg_class'::regclass and g.objid = c.oid))
           and has_any_column_privilege('ai_worker', c.oid, 'select, insert, update')
           and not exists (
                 select
                   from pg_catalog.pg_depend d -- an extension's object in its own schema, which everybody may read
                   join pg_catalog.pg_extension e on e.oid = d.refobjid and e.extnamespace = c.relnamespace
                  where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'))
     + (select count(*)
          from pg_catalog.pg_proc p
          join pg_catalog.pg_namespace n on n.oid = p.pronamespace
         where (n.nspname in ('public', 'wall', 'operations', 'ai')
                or exists (select from granted g where g.classid = 'pg_catalog.pg_proc'::regclass and g.objid = p.oid))
           and p.prosecdef
           and (n.nspname, p.proname) not in (('public', 'write_ai_run'), ('wall', 'presented_consent'))
           and has_function_privilege('ai_worker', p.oid, 'execute')
           and not exists (
                 select
                   from pg_catalog.pg_depend d
                   join pg_catalog.pg_extension e on e.oid = d.refobjid and e.extnamespace = p.pronamespace
                  where d.classid = 'pg_catalog.pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'))
     + (select count(*) - 1 from roles)
