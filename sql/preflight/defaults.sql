-- Reads the default privileges that the migrations revoke for later objects of this login.
with entries as (
  select d.defaclnamespace as schema, d.defaclobjtype as kind, a.grantee, a.privilege_type
    from pg_catalog.pg_default_acl d
    cross join lateral pg_catalog.aclexplode(d.defaclacl) a
   where d.defaclrole = (select r.oid from pg_catalog.pg_roles r where r.rolname = current_user)
)
select 'functions' as objects, '' as schema, 'everybody (PUBLIC)' as grantees, 'EXECUTE' as privileges
 where exists (select from entries where schema = 0 and kind = 'f' and grantee = 0)
    or not exists (
      select from pg_catalog.pg_default_acl d
        join pg_catalog.pg_roles r on r.oid = d.defaclrole and r.rolname = current_user
       where d.defaclnamespace = 0 and d.defaclobjtype = 'f'
    )
union all
select case e.kind when 'r' then 'tables' when 'S' then 'sequences' else 'functions' end, 'public',
       string_agg(distinct r.rolname, ', '), string_agg(distinct e.privilege_type, ', ')
  from entries e
  join pg_catalog.pg_namespace n on n.oid = e.schema and n.nspname = 'public'
  join pg_catalog.pg_roles r on r.oid = e.grantee and r.rolname in ('anon', 'authenticated', 'service_role')
 where e.kind in ('r', 'S', 'f')
 group by e.kind
union all
select 'objects of any role', 'public', 'everybody (PUBLIC)', 'CREATE'
  from pg_catalog.pg_namespace n
  cross join lateral pg_catalog.aclexplode(n.nspacl) a
 where n.nspname = 'public' and a.grantee = 0 and a.privilege_type = 'CREATE'
   and pg_has_role(current_user, n.nspowner, 'usage')
 order by objects, schema;
