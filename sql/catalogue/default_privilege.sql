-- Default privileges of future objects. An entry without a schema replaces Postgres's built-in privileges. Without an
-- entry these apply, so the owner's built-in ones are read when none is stored.
select 'default_privilege' as kind,
       format('%s|%s|%s|%s|%s', o.owner, coalesce(n.nspname, '*'), f.form, g.name, x.privilege_type) as key,
       o.owner as owner,
       n.nspname as schema,
       f.form as form,
       g.name as grantee,
       x.privilege_type as privilege,
       bool_or(x.is_grantable) as grantable
  from pg_default_acl d
  cross join lateral (select pg_get_userbyid(d.defaclrole)::text) as o (owner)
  cross join lateral (select case d.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences'
                             when 'f' then 'functions' when 'T' then 'types' when 'L' then 'large objects'
                             else 'schemas' end) as f (form)
  left join pg_namespace n on n.oid = d.defaclnamespace
  cross join lateral aclexplode(d.defaclacl) as x
  cross join lateral (select case when x.grantee = 0 then 'public' else pg_get_userbyid(x.grantee)::text end) as g (name)
 where x.grantee <> d.defaclrole
   and not (n.nspname is null and d.defaclobjtype = 'T' and x.grantee = 0) -- Postgres's built-in privilege
   and (n.nspname is null or n.nspname = any (current_setting('lab.schemas')::text[] || array['public', 'auth', 'vault']))
 group by o.owner, n.nspname, f.form, g.name, x.privilege_type
union all
select 'default_privilege', 'postgres|*|functions|public|EXECUTE', 'postgres', null, 'functions', 'public', 'EXECUTE', false
 where not exists (select from pg_default_acl d
                    where d.defaclrole = to_regrole('postgres') and d.defaclnamespace = 0 and d.defaclobjtype = 'f');
