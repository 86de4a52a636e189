-- Access to the platform's own data: accounts, vault and files. There the rules can rely only on row-level security;
-- the Data API has no TRUNCATE, which the platform grants on its files. `doors` allow everything, and `gates` the rows of
-- a policy. `shut` ones would allow everything without row-level security, or if the role could use the schema.
with undeclared_roles as materialized (
  -- Roles that need no access beyond what the rules grant.
  select r.oid, r.rolname, r.rolbypassrls, r.rolcanlogin, r.rolname in ('anon', 'authenticated') as visitor,
         r.rolname = any (current_setting('lab.roles')::name[]) as watched
    from pg_roles r
   where not r.rolsuper
     and left(r.rolname, 3) <> 'pg_'
     and r.rolname <> all (current_setting('lab.powers')::name[] || current_setting('lab.platform')::name[])
), kept as (
  select c.oid, c.relname, c.relrowsecurity, c.relforcerowsecurity, c.relowner, c.relacl, n.oid as schema, n.nspname
    from pg_namespace n
    join pg_depend e on e.refclassid = 'pg_namespace'::regclass and e.refobjid = n.oid and e.classid = 'pg_class'::regclass
    join pg_class c on c.oid = e.objid and c.relkind in ('r', 'p', 'v', 'm', 'f')
   where n.nspname in ('auth', 'vault') or n.nspname = 'storage' and c.relname in ('objects', 'buckets')
), held as (
  select k.oid, x.grantee
    from kept k
   cross join lateral (select k.relacl
                       union all
                       select a.attacl from pg_attribute a where a.attrelid = k.oid and a.attacl is not null) as l (acl)
   cross join lateral aclexplode(l.acl) as x
   where x.grantee = 0 or x.grantee in (select o.oid from undeclared_roles o)
  union
  select k.oid, k.relowner from kept k
), asking as (
  -- Roles with a grant of their own, and roles that a grant to public applies to.
  select k.oid, k.nspname, k.relname, k.relrowsecurity, k.relforcerowsecurity,
         r.oid as role, r.rolname, r.visitor, r.rolbypassrls,
         has_schema_privilege(r.oid, k.schema, 'usage') as inside,
         pg_has_role(r.oid, k.relowner, 'usage') as owns
    from kept k
    join held h on h.oid = k.oid
    join undeclared_roles r on r.oid = h.grantee or h.grantee = 0 and (r.watched or r.rolcanlogin)
)
select 'platform_door' as kind,
       format('%I.%I', a.nspname, a.relname) as key,
       a.relrowsecurity as guarded,
       json_agg(distinct a.rolname order by a.rolname) as roles,
       json_agg(distinct d.door) filter (where d.wide) as doors,
       json_agg(distinct d.door) filter (where not d.wide) as gates,
       json_agg(distinct d.door) filter (where d.wide is null) as shut
  from asking a
  cross join (values ('r', 'select'), ('a', 'insert'), ('w', 'update'), ('d', 'delete'),
                     ('D', 'truncate'), ('t', 'trigger')) as w (code, word)
  cross join lateral (
    select w.code in ('r', 'a', 'w', 'd') and a.relrowsecurity and not a.rolbypassrls and (a.relforcerowsecurity or not a.owns)) as g (guarded)
  left join pg_policy p on g.guarded and p.polrelid = a.oid and p.polpermissive and p.polcmd::text in ('*', w.code)
                       and exists (select from unnest(p.polroles) as u (oid)
                                    where u.oid = 0 or pg_has_role(a.role, u.oid, 'usage'))
  cross join lateral (
    select format('%s may %s%s', a.rolname, w.word, ' by ' || quote_ident(p.polname)) as door,
           case when not a.inside then null
                when not g.guarded then true
                -- A policy without a condition allows no row.
                when p.oid is not null then coalesce(pg_get_expr(case when w.code = 'a' then coalesce(p.polwithcheck, p.polqual)
                                                                      else p.polqual end, a.oid) = 'true', false) end as wide
  ) as d
 where (a.inside or not a.visitor)
   and (w.code in ('r', 'a', 'w', 'd') and (not g.guarded or p.oid is not null) or a.nspname <> 'storage' or not a.visitor)
   and case when w.code in ('r', 'a', 'w') then has_any_column_privilege(a.role, a.oid, w.word)
            else has_table_privilege(a.role, a.oid, w.word) end
 group by a.nspname, a.relname, a.relrowsecurity;
