-- Reads the roles, other than the platform's and `postgres`, that own or can create objects in the platform's schemas.
with undeclared_roles as materialized (
  select r.oid, r.rolname::text as name
    from pg_roles r
   where not r.rolsuper
     and left(r.rolname, 3) <> 'pg_'
     and (r.rolname = 'service_role'
          or r.rolname <> all (current_setting('lab.powers')::name[] || current_setting('lab.platform')::name[]))
), kept as materialized (
  select n.oid, n.nspname, n.nspowner, n.nspacl
    from pg_namespace n
   where n.nspname in ('auth', 'storage', 'vault', 'extensions', 'realtime', 'graphql', 'graphql_public', 'net', 'cron', 'pgsodium')
), found as (
  select 'schema' as form, format('%I', k.nspname) as name, o.name as role, 'owns' as may
    from kept k
    join undeclared_roles o on o.oid = k.nspowner
  union
  select 'schema', format('%I', k.nspname), coalesce(o.name, 'public'), 'create'
    from kept k
    cross join lateral aclexplode(k.nspacl) as x
    left join undeclared_roles o on o.oid = x.grantee
   where x.privilege_type = 'CREATE' and (x.grantee = 0 or o.oid is not null)
  union
  select case c.relkind when 'S' then 'sequence' else 'table' end, format('%I.%I', k.nspname, c.relname), o.name, 'owns'
    from undeclared_roles o
    join pg_shdepend d on d.refclassid = 'pg_authid'::regclass and d.refobjid = o.oid and d.deptype = 'o'
                      and d.classid = 'pg_class'::regclass
                      and d.dbid = current_setting('lab.database')::oid
    join pg_class c on c.oid = d.objid
    join kept k on k.oid = c.relnamespace
  union
  select 'routine', format('%I.%I(%s)', k.nspname, p.proname, oidvectortypes(p.proargtypes)), o.name, 'owns'
    from undeclared_roles o
    join pg_shdepend d on d.refclassid = 'pg_authid'::regclass and d.refobjid = o.oid and d.deptype = 'o'
                      and d.classid = 'pg_proc'::regclass
                      and d.dbid = current_setting('lab.database')::oid
    join pg_proc p on p.oid = d.objid
    join kept k on k.oid = p.pronamespace
)
select 'platform_object' as kind,
       format('%s|%s|%s|%s', f.form, f.name, f.role, f.may) as key,
       f.form as form, f.name as object, f.role as role, f.may as may
  from found f;
