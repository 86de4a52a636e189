-- Undeclared functions that run with the rights of an owner who can read our tables past row-level security, and that
-- one of the roles may call. What they return is unknown without running them. Functions of an extension are not
-- listed.
with ours as (
  select c.oid, c.relowner
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
   where n.nspname || '.' || c.relname = any (%(tables)s) and c.relkind in ('r', 'p')
)
select format('%%I.%%I(%%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)), o.rolname,
       array(select i.role from unnest(%(roles)s::text[]) as i (role)
              where has_schema_privilege(i.role, p.pronamespace, 'usage')
                and has_function_privilege(i.role, p.oid, 'execute'))
  from pg_catalog.pg_proc p
  join pg_catalog.pg_namespace n on n.oid = p.pronamespace
  join pg_catalog.pg_roles o on o.oid = p.proowner
 where p.prosecdef
   and n.nspname not in ('pg_catalog', 'information_schema')
   and p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
   and not exists (select from unnest(%(functions)s::text[]) as f (signature) where to_regprocedure(f.signature) = p.oid)
   and not exists (
         select from pg_catalog.pg_depend d
          where d.classid = 'pg_catalog.pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
   and (o.rolsuper or exists (
         select from ours
          where pg_has_role(o.oid, ours.relowner, 'usage')
             or (o.rolbypassrls and has_table_privilege(o.oid, ours.oid, 'select'))))
 order by 1
