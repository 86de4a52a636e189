-- Functions, declared or not, that run with rights on our objects and whose search path lets others replace what they
-- use: it is not set, does not end with pg_temp, or has a schema in which another role may create a type, table or
-- function. Functions with a body that was parsed at creation, and those of the platform, are left out.
with recursive strong as (
  -- Roles that read or write our objects without a grant, and their members.
  select r.oid
    from pg_roles r
   where r.rolsuper or r.rolbypassrls
      or r.rolname = any (current_setting('lab.powers')::text[] || current_setting('lab.platform')::text[] || array['pg_database_owner'])
      or r.oid in (select c.relowner from pg_class c where c.oid = any ((select current_setting('lab.relations')::oid[])::oid[]))
  union
  select m.member from pg_auth_members m join strong s on s.oid = m.roleid
), holders as (
  -- Roles with a grant, except those that everybody acts as.
  select s.oid from strong s
  union
  select r.oid from pg_roles r where r.rolname in ('ai_worker', 'oracle_operator')
), makers as materialized (
  -- Schemas in which another role may create objects.
  select n.oid, n.nspname
    from pg_namespace n
   where left(n.nspname, 3) <> 'pg_'
     and (n.nspowner not in (select s.oid from strong s)
          or exists (select from aclexplode(n.nspacl) as x
                      where x.privilege_type = 'CREATE' and x.grantee not in (select s.oid from strong s)))
), running as materialized (
  select p.oid, p.pronamespace, p.proname, p.proargtypes, p.prokind, p.proowner,
         (select substr(c.line, 13) from unnest(p.proconfig) as c (line) where c.line like 'search_path=%') as path
    from pg_proc p
   where p.prosecdef and p.prosqlbody is null
     and p.prolang not in (select l.oid from pg_language l where l.lanname in ('c', 'internal'))
     and p.proowner in (select h.oid from holders h)
     and not pg_get_userbyid(p.proowner) = any (current_setting('lab.platform')::text[])
     and not exists (select from pg_depend d
                      where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
                        and p.oid <> all ((select current_setting('lab.hidden_functions')::oid[])::oid[]))
     -- Run by a call or by a trigger.
     and (p.prorettype in ('trigger'::regtype, 'event_trigger'::regtype)
          or exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as x
                      where x.grantee <> p.proowner and x.grantee not in (select s.oid from strong s)))
), judged as (
  select r.*, w.names,
         case when r.path is null then 'has no search_path of its own'
              when w.names[array_upper(w.names, 1)] is distinct from 'pg_temp'
                   or array_position(w.names, 'pg_temp') < array_upper(w.names, 1)
                then 'looks into pg_temp before other schemas'
              else (select 'looks into ' || quote_ident(m.nspname) || ', where others may make things'
                      from makers m where m.nspname = any (w.names) order by 1 limit 1)
         end as gap
    from running r
    left join lateral (
      select array_agg(case n.name when '$user' then pg_get_userbyid(r.proowner)::text else n.name end order by n.place) as names
        from (select btrim(s.part, ' "'), s.place
                from string_to_table(r.path, ',') with ordinality as s (part, place)) as n (name, place)
    ) as w on true
)
select 'misled_function' as kind,
       format('%I.%I(%s)', n.nspname, j.proname, oidvectortypes(j.proargtypes)) as key,
       j.prokind as form,
       pg_get_userbyid(j.proowner) as owner,
       j.path as path,
       j.gap as gap,
       count(*) over () as of
  from judged j
  join pg_namespace n on n.oid = j.pronamespace
 where j.gap is not null
 order by 2
 limit 500;
