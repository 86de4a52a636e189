-- Privileges on our objects, one row for each grantee and privilege. An empty list means Postgres's built-in privileges
-- (acldefault): for functions and databases a grant to PUBLIC.
with held as (
  select case c.relkind when 'S' then 'sequence' else 'table' end as place,
         c.oid::regclass::text as object, c.relowner as owner,
         coalesce(c.relacl, acldefault(case c.relkind when 'S' then 's' else 'r' end::"char", c.relowner)) as acl
    from pg_class c
   where c.oid = any ((select current_setting('lab.relations')::oid[])::oid[])
  union all
  select 'column', concat(a.attrelid::regclass, '.', quote_ident(a.attname)), c.relowner, a.attacl
    from pg_attribute a
    join pg_class c on c.oid = a.attrelid
   where a.attrelid = any ((select current_setting('lab.relations')::oid[])::oid[])
     and a.attacl is not null and not a.attisdropped
  union all
  select 'function', format('%I.%I(%s)', n.nspname, p.proname, oidvectortypes(p.proargtypes)), p.proowner,
         coalesce(p.proacl, acldefault('f', p.proowner))
    from pg_proc p
    join pg_namespace n on n.oid = p.pronamespace
   where p.oid = any ((select current_setting('lab.functions')::oid[])::oid[])
  union all
  select 'schema', n.nspname::text, n.nspowner, coalesce(n.nspacl, acldefault('n', n.nspowner))
    from pg_namespace n
   where n.nspname = any (current_setting('lab.schemas')::text[]) or n.nspname = 'public'
  union all
  select 'database', 'database', d.datdba, coalesce(d.datacl, acldefault('d', d.datdba))
    from pg_database d
   where d.datname = current_database()
  union all
  select 'parameter', r.parname, 0, r.paracl
    from pg_parameter_acl r
)
select 'privilege' as kind,
       concat_ws('|', h.place, h.object, n.name, g.privilege) as key,
       h.place as place,
       h.object as object,
       n.name as grantee,
       g.privilege as privilege,
       g.grantable as grantable,
       -- Grantors other than the owner; only they can revoke their grants.
       case when h.place <> 'parameter' and g.grantors is not null then (
         select json_agg(distinct pg_get_userbyid(u.oid)) from unnest(g.grantors) as u (oid)) end as grantors,
       case when g.owned and g.grantors is not null then true end as owned
  from held h
  cross join lateral (
    select x.grantee, x.privilege_type as privilege,
           bool_or(x.is_grantable and x.grantee <> h.owner) as grantable,
           array_agg(x.grantor) filter (where x.grantor <> h.owner) as grantors,
           bool_or(x.grantor = h.owner) as owned
      from aclexplode(h.acl) as x
     group by x.grantee, x.privilege_type
  ) as g
  cross join lateral (select case when g.grantee = 0 then 'public' else pg_get_userbyid(g.grantee)::text end) as n (name);
