-- Privileges on our objects, one row for each grantee and privilege. An empty list means Postgres's built-in privileges
-- (acldefault): for functions and databases a grant to PUBLIC.
with held as (
  select case c.relkind when 'S' then 'sequence' else 'table' end as place,
         format('%I.%I', n.nspname, c.relname) as object, c.relowner as owner,
         coalesce(c.relacl, acldefault(case c.relkind when 'S' then 's' else 'r' end::"char", c.relowner)) as acl
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
   where c.oid = any (current_setting('lab.relations')::oid[])
  union all
  select 'column', format('%I.%I.%I', n.nspname, c.relname, a.attname), c.relowner, a.attacl
    from pg_attribute a
    join pg_class c on c.oid = a.attrelid
    join pg_namespace n on n.oid = c.relnamespace
   where a.attrelid = any (current_setting('lab.relations')::oid[])
     and a.attacl is not null and not a.attisdropped
  union all
  select 'function', format('%I.%I(%s)', n.nspname, p.proname, oidvectortypes(p.proargtypes)), p.proowner,
         coalesce(p.proacl, acldefault('f', p.proowner))
    from pg_proc p
    join pg_namespace n on n.oid = p.pronamespace
   where p.oid = any (current_setting('lab.functions')::oid[])
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
       format('%s|%s|%s|%s', h.place, h.object, g.name, x.privilege_type) as key,
       h.place as place,
       h.object as object,
       g.name as grantee,
       x.privilege_type as privilege,
       bool_or(x.is_grantable and x.grantee <> h.owner) as grantable,
       -- Grantors other than the owner; only they can revoke their grants.
       case when bool_or(x.grantor <> h.owner) and h.place <> 'parameter' then
         json_agg(distinct pg_get_userbyid(x.grantor)) filter (where x.grantor <> h.owner) end as grantors,
       case when bool_or(x.grantor <> h.owner) and bool_or(x.grantor = h.owner) then true end as owned
  from held h
  cross join lateral aclexplode(h.acl) as x
  cross join lateral (select case when x.grantee = 0 then 'public' else pg_get_userbyid(x.grantee)::text end) as g (name)
 group by h.place, h.object, g.name, x.privilege_type;
