-- Functions, declared or not, that run with rights on our objects and whose search path lets others replace what they
-- use: it is not set, does not end with pg_temp, or has a schema in which another role may create a type, table or
-- function. A trigger function needs no such path if others may execute it: they attach it to a temporary table, whose
-- columns have types and casts of their own. Functions with a body that was parsed at creation, and those of the
-- platform, are left out.
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
  select p.oid, p.pronamespace, p.proname, p.proargtypes, p.prokind, p.proowner, p.prosrc,
         p.prorettype = 'trigger'::regtype as trigger,
         p.prorettype = 'event_trigger'::regtype as fired,
         (select substr(c.line, 13) from unnest(p.proconfig) as c (line) where c.line like 'search_path=%') as path,
         (select json_agg(json_build_object('grantee', case x.grantee when 0 then 'public' else pg_get_userbyid(x.grantee) end,
                                            'grantable', x.is_grantable) order by x.grantee)
            from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as x
           where x.grantee <> p.proowner and x.grantee not in (select s.oid from strong s)) as callers
    from pg_proc p
   where p.prosecdef and p.prosqlbody is null
     and p.prolang not in (select l.oid from pg_language l where l.lanname in ('c', 'internal'))
     and p.proowner = any ((select array_agg(h.oid) from holders h)::oid[])
     and not pg_get_userbyid(p.proowner) = any (current_setting('lab.platform')::text[])
     and not exists (select from pg_depend d
                      where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
                        and p.oid <> all ((select current_setting('lab.hidden_functions')::oid[])::oid[]))
), paths as materialized (
  -- Read once each, because most functions have the same one.
  select d.path, d.proowner, array_agg(case n.name when '$user' then pg_get_userbyid(d.proowner)::text else n.name end
                                       order by n.place) as names
    from (select distinct r.path, r.proowner from running r where r.path is not null) as d
    cross join lateral (select btrim(s.part, ' "'), s.place
                          from string_to_table(d.path, ',') with ordinality as s (part, place)) as n (name, place)
   group by d.path, d.proowner
), judged as materialized (
  select r.*, w.names,
         case when r.path is null then 'has no search_path of its own'
              when w.names[array_upper(w.names, 1)] is distinct from 'pg_temp'
                   or array_position(w.names, 'pg_temp') < array_upper(w.names, 1)
                then 'looks into pg_temp before other schemas'
              else (select 'looks into ' || quote_ident(m.nspname) || ', where others may make things'
                      from makers m where m.nspname = any (w.names) order by 1 limit 1)
         end as gap
    from running r
    left join paths w on w.path = r.path and w.proowner = r.proowner
), written as (
  -- Tables with such a trigger, and the relations through which they are written: views and rules on them, tables whose
  -- changes cascade to them, and tables that they are a part of.
  select j.oid as function, t.tgrelid as relation, t.tgdeferrable as late
    from judged j
    join pg_trigger t on t.tgfoid = j.oid and not t.tgisinternal and t.tgenabled <> 'D'
   where j.trigger and j.gap is not null
  union
  select w.function, above.oid, w.late
    from written w
    cross join lateral (
      select r.ev_class
        from pg_depend d
        join pg_rewrite r on r.oid = d.objid
       where d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass and d.refobjid = w.relation
       union all
      select k.confrelid
        from pg_constraint k
       where k.conrelid = w.relation and k.contype = 'f'
         and (k.confdeltype in ('c', 'n', 'd') or k.confupdtype in ('c', 'n', 'd'))
       union all
      select i.inhparent from pg_inherits i where i.inhrelid = w.relation) as above (oid)
), reached as (
  -- Trigger functions that run for another role: it may write such a table, its transaction ends with the trigger, or it
  -- may call a function that writes the table. The path of that function is safe, or it is found itself.
  select w.function
    from written w
    join judged j on j.oid = w.function
    join pg_class c on c.oid = w.relation
   where w.late
      or (c.relkind <> 'v' or pg_relation_is_updatable(c.oid, true) <> 0)
         and (c.relowner not in (select s.oid from strong s)
              or exists (select from aclexplode(c.relacl) as x
                          where x.privilege_type in ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE')
                            and x.grantee not in (select s.oid from strong s))
              or exists (select from pg_attribute a cross join lateral aclexplode(a.attacl) as x
                          where a.attrelid = c.oid and x.privilege_type in ('INSERT', 'UPDATE')
                            and x.grantee not in (select s.oid from strong s)))
      or j.path is not null and exists (
         select from running r
          where r.callers is not null and strpos(lower(r.prosrc), lower(c.relname)) > 0
            and (r.prosrc ~* '[[:<:]]execute[[:>:]]'
                 or strpos(regexp_replace(lower(r.prosrc), '(insert[[:space:]]+into|update|delete[[:space:]]+from|'
                                          'merge[[:space:]]+into|truncate)[[:space:]]+((table|only)[[:space:]]+)*'
                                          '(("[^"]+"|[^[:space:].]+)[.])?"?', '!', 'g'), '!' || lower(c.relname)) > 0))
), found as (
  select j.*, case when j.callers is not null then case when j.trigger then 'attached' else 'called' end
                   when j.fired then 'fired'
                   when not j.trigger then null
                   when j.oid in (select r.function from reached r) then 'written'
                   else 'closed'
              end as way
    from judged j
)
select 'misled_function' as kind,
       format('%I.%I(%s)', n.nspname, j.proname, oidvectortypes(j.proargtypes)) as key,
       j.prokind as form,
       pg_get_userbyid(j.proowner) as owner,
       j.path as path,
       j.gap as gap,
       j.way as way,
       case j.way when 'attached' then j.callers end as callers,
       j.way = 'attached' and j.oid in (select r.function from reached r) as written,
       count(*) over () as of
  from found j
  join pg_namespace n on n.oid = j.pronamespace
 where j.way = 'attached' or j.gap is not null and j.way is not null
 order by 2
 limit 500;
