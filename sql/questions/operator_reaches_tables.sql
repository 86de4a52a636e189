-- Counts the tables and views on which the operator's role has a privilege.
-- In public and the platform's schemas all count; elsewhere those granted to it or to a role that it may become.
select count(*)
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where c.relkind in ('r', 'v', 'm', 'p', 'f')
   and ((n.nspname in ('public', 'auth', 'vault') or (n.nspname, c.relname) = ('storage', 'objects'))
        and has_any_column_privilege('oracle_operator', c.oid, 'select, insert, update')
        or n.nspname <> 'operations' and exists (
             select
               from pg_catalog.pg_shdepend d
               join pg_catalog.pg_roles r on d.refobjid = r.oid and pg_has_role('oracle_operator', r.oid, 'member')
              where d.refclassid = 'pg_catalog.pg_authid'::regclass and d.deptype in ('a', 'o')
                and d.dbid = (select b.oid from pg_catalog.pg_database b where b.datname = current_database())
                and d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid))
   and not exists (
         select
           from pg_catalog.pg_depend d -- an extension's object in its own schema, which everybody may read
           join pg_catalog.pg_extension e on e.oid = d.refobjid and e.extnamespace = c.relnamespace
          where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
