-- Counts the tables and views in public on which the operator's role has a privilege.
select count(*)
  from pg_catalog.pg_class c
 where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v', 'm', 'p')
   and has_any_column_privilege('oracle_operator', c.oid, 'select, insert, update')
   and not exists (
         select
           from pg_catalog.pg_depend d -- an object of an extension, which everybody may read
          where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
