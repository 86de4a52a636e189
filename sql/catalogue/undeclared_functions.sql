-- Undeclared functions in exposed schemas, and in other schemas those that run as their owner. Closed ones are one row.
with served as (
  select n.oid, n.nspname, n.nspname = any (current_setting('lab.exposed')::text[]) as exposed
    from pg_namespace n
   where n.nspname = any (current_setting('lab.exposed')::text[] || current_setting('lab.beside')::text[])
), api as (
  select r.oid from pg_roles r where r.rolname in ('anon', 'authenticated', 'ai_worker', 'oracle_operator')
  union all select 0
), undeclared as (
  select p.oid, p.proname, p.proargtypes, p.prokind, p.proowner, p.prosecdef, p.prorettype, p.prolang, p.prosrc,
         n.nspname, n.exposed, g.grants, g.held
    from served n
    join pg_proc p on p.pronamespace = n.oid and (n.exposed or p.prosecdef)
   cross join lateral (
     select json_agg(distinct case when x.grantee = 0 then 'public' else pg_get_userbyid(x.grantee)::text end) as grants,
            json_agg(json_build_object(
              'grantee', case when x.grantee = 0 then 'public' else pg_get_userbyid(x.grantee)::text end,
              'privilege', x.privilege_type, 'grantable', x.is_grantable,
              'grantor', case when x.grantor <> p.proowner then pg_get_userbyid(x.grantor)::text end)) as held
       from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as x
      where x.grantee in (select a.oid from api a)
   ) as g
   where not exists (select from unnest(current_setting('lab.functions')::oid[]) as u (oid) where u.oid = p.oid)
     and p.oid not in (select d.objid
                         from pg_depend d
                        where d.refclassid = 'pg_extension'::regclass and d.classid = 'pg_proc'::regclass
                          and d.deptype = 'e'
                          and d.objid <> all ((select current_setting('lab.hidden_functions')::oid[])::oid[]))
)
(
  select 'stranger_function' as kind,
         format('%I.%I(%s)', p.nspname, p.proname, oidvectortypes(p.proargtypes)) as key,
         p.prokind as form,
         pg_get_userbyid(p.proowner) as owner,
         p.prosecdef as definer,
         p.exposed as exposed,
         p.prorettype in ('trigger'::regtype, 'event_trigger'::regtype) as trigger,
         p.grants as grants,
         p.held as held,
         -- Our tables that its body or its result type names.
         (select coalesce(json_agg(t.name order by t.name), '[]')
            from unnest(current_setting('lab.tables')::text[]) as t (name)
           where b.body ~ ('[[:<:]]' || t.name || '[[:>:]]')) as names,
         -- What is written in no SQL, builds its own, or has the name of one of ours.
         p.prolang not in (select l.oid from pg_language l where l.lanname in ('sql', 'plpgsql'))
           or b.body ~* '[[:<:]]execute[[:>:]]' or b.body ~* '_to_xml' or p.proname = any (current_setting('lab.names')::name[]) as opaque,
         count(*) over () as of
    from undeclared p
   cross join lateral (
     select concat_ws(' ', pg_get_function_sqlbody(p.oid), p.prosrc, pg_get_function_result(p.oid))) as b (body)
   where p.grants is not null
   order by not p.prosecdef, 2
   limit 500
)
union all
select 'closed_functions', 'exposed schemas', null, null, null, null, null, null, null,
       to_json((array_agg(format('%I.%I', p.nspname, p.proname) order by p.nspname, p.proname))[:10]), null, count(*)
  from undeclared p
 where p.grants is null and p.exposed
having count(*) > 0;
