-- Reads grants on undeclared objects, in any schema. For roles of the rules: every granted or owned object. For other
-- roles, except visitors, whom the Data API's queries cover: copies of private tables, functions that read private
-- tables with their owner's rights, and objects that Postgres itself restricts.
with undeclared_roles as materialized (
  -- Roles that need no access beyond what the rules grant.
  select r.oid, r.rolname::text as name, r.rolcanlogin as logs_in, r.rolname = any (current_setting('lab.own')::name[]) as own
    from pg_roles r
   where not r.rolsuper
     and left(r.rolname, 3) <> 'pg_'
     and r.rolname <> all (current_setting('lab.powers')::name[] || current_setting('lab.platform')::name[])
), roles as materialized (
  select o.* from undeclared_roles o where o.name not in ('anon', 'authenticated')
), held as materialized (
  -- From pg_shdepend, which lists objects by role, so that other objects cost nothing.
  select r.oid as role, r.name as grantee, r.own, d.classid, d.objid, d.deptype = 'o' as owned
    from roles r
    join pg_shdepend d on d.refclassid = 'pg_authid'::regclass and d.refobjid = r.oid and d.deptype in ('a', 'o')
                      and d.dbid = current_setting('lab.database')::oid
   where (d.classid, d.objid) not in (
           select 'pg_class'::regclass, u.oid from unnest(current_setting('lab.relations')::oid[]) as u (oid)
           union all
           select 'pg_proc'::regclass, u.oid from unnest(current_setting('lab.functions')::oid[]) as u (oid))
   group by r.oid, r.name, r.own, d.classid, d.objid, d.deptype
), private as materialized (
  select split_part(p.line, '|', 1) as relation, split_part(p.line, '|', 2) as name, split_part(p.line, '|', 3) as type,
         split_part(p.line, '|', 4) = 'p' as private, count(*) over (partition by split_part(p.line, '|', 1)) as many
    from unnest(current_setting('lab.private')::text[]) as p (line)
), entered as materialized (
  -- Schemas that a login or a role of the rules may use, and in which grants to PUBLIC apply.
  select r.oid as role, r.name as grantee, r.own, n.oid as schema
    from pg_namespace n
    join roles r on r.logs_in or r.own
   where n.nspacl is not null and left(n.nspname, 3) <> 'pg_'
     and n.nspname <> all (current_setting('lab.exposed')::text[] || current_setting('lab.beside')::text[]
                           || current_setting('lab.schemas')::text[] || array['information_schema', 'auth', 'vault'])
     and exists (select from aclexplode(n.nspacl) as x
                  where x.privilege_type = 'USAGE' and (x.grantee = 0 or pg_has_role(r.oid, x.grantee, 'member')))
), related as (
  select h.role, h.grantee, h.own, h.objid, h.owned, false as everybody
    from held h
   where h.classid = 'pg_class'::regclass
  union all
  select e.role, e.grantee, e.own, d.objid, false, true
    from entered e
    join pg_depend d on d.refclassid = 'pg_namespace'::regclass and d.refobjid = e.schema and d.classid = 'pg_class'::regclass
   where exists (select from pg_class c cross join aclexplode(c.relacl) as x where c.oid = d.objid and x.grantee = 0)
), relations as materialized (
  select h.*, c.relname, c.relkind, c.relacl as acl, c.relowner as owner, c.relnamespace as schema, n.nspname,
         (select min(k.relation)
            from (select p.relation, p.many,
                         count(*) as shared,
                         count(*) filter (where p.private) as telling,
                         bool_or(p.name = 'subject_id') as whose
                    from pg_attribute a
                    join private p on p.name = a.attname
                                  and (not p.private or p.type in ('', format_type(a.atttypid, null)))
                   where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                   group by p.relation, p.many) as k
           where k.telling > 0
             and (k.shared >= k.many * 0.6 or k.whose and k.shared > 2
                  or k.telling = (select count(*) from pg_attribute a
                                   where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped))) as copy,
         (select min(p.relation)
            from pg_foreign_table f
            cross join unnest(f.ftoptions) as o (line)
            join private p on p.relation in (split_part(o.line, '=', 2),
                                             'auth.' || split_part(o.line, '=', 2), 'vault.' || split_part(o.line, '=', 2))
           where f.ftrelid = c.oid and split_part(o.line, '=', 1) in ('table_name', 'table', 'object')) as remote
    from related h
    join pg_class c on c.oid = h.objid and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
    join pg_namespace n on n.oid = c.relnamespace
   where left(n.nspname, 3) <> 'pg_'
     and n.nspname not in ('auth', 'vault')
     and not (n.nspname = 'storage' and c.relname in ('objects', 'buckets'))
     and not (h.own and n.nspname = any (current_setting('lab.exposed')::text[]))
), callable as (
  select h.role, h.grantee, h.own, h.objid, false as everybody
    from held h
   where h.classid = 'pg_proc'::regclass and not h.owned
  union
  select e.role, e.grantee, e.own, d.objid, true
    from entered e
    join pg_depend d on d.refclassid = 'pg_namespace'::regclass and d.refobjid = e.schema and d.classid = 'pg_proc'::regclass
    join pg_proc p on p.oid = d.objid and p.prosecdef
   where exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as x where x.grantee = 0)
), functions as materialized (
  select f.role, f.grantee, f.own, bool_and(f.everybody) as everybody, p.oid, p.proname, p.proargtypes, p.prokind, n.nspname, n.oid as schema,
         t.body ~* '[[:<:]]execute[[:>:]]' as dynamic,
         (select min(k.name)
            from (select distinct p.relation from private p) as r (relation)
            cross join lateral (select r.relation) as k (name)
           where t.body ~ ('[[:<:]]' || r.relation || '[[:>:]]')) as reads,
         t.body ~ '[[:<:]](auth[.](users|identities|sessions|refresh_tokens|mfa_factors)|vault[.]|storage[.](objects|buckets))'
           as platform
    from callable f
    join pg_proc p on p.oid = f.objid and p.prosecdef
    join pg_namespace n on n.oid = p.pronamespace
    cross join lateral (
      select concat_ws(' ', pg_get_function_sqlbody(p.oid), p.prosrc, pg_get_function_result(p.oid))) as t (body)
   where p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
     and left(n.nspname, 3) <> 'pg_'
     and not pg_get_userbyid(p.proowner) = f.grantee
     and not (f.own and n.nspname = any (current_setting('lab.exposed')::text[] || current_setting('lab.beside')::text[]))
     and not (f.everybody and pg_get_userbyid(p.proowner) = any (current_setting('lab.platform')::text[]))
   group by f.role, f.grantee, f.own, p.oid, p.proname, p.proargtypes, p.prokind, n.nspname, n.oid, t.body
), changed as materialized (
  -- Objects that Postgres restricts, if their privileges have changed.
  select i.classoid, i.objoid, i.initprivs as before, c.relacl as acl
    from pg_init_privs i
    join pg_class c on i.classoid = 'pg_class'::regclass and c.oid = i.objoid
   where i.privtype = 'i' and i.objsubid = 0 and c.relacl <> i.initprivs
  union all
  select i.classoid, i.objoid, i.initprivs, p.proacl
    from pg_init_privs i
    join pg_proc p on i.classoid = 'pg_proc'::regclass and p.oid = i.objoid
   where i.privtype = 'i' and i.objsubid = 0 and p.proacl <> i.initprivs
), closed as (
  select i.classoid, i.objoid, x.grantee, x.privilege_type
    from changed i
    cross join lateral aclexplode(i.acl) as x
   where (x.grantee = 0 or x.grantee in (select o.oid from undeclared_roles o))
     and not exists (select from aclexplode(i.before) as y
                      where (y.grantee, y.privilege_type) = (x.grantee, x.privilege_type))
)
select 'undeclared_grant' as kind,
       format('%s|%s|%s', g.place, g.object, g.grantee) as key,
       g.place as place, g.object as object, g.grantee as grantee, g.own as own, g.privileges as privileges,
       g.reads as reads, g.reached as reached, g.owned as owned, g.everybody as everybody, g.dynamic as dynamic
  from (
    select case r.relkind when 'S' then 'sequence' else 'table' end as place, format('%I.%I', r.nspname, r.relname) as object,
           r.grantee, r.own, coalesce(r.copy, r.remote) as reads,
           has_schema_privilege(r.role, r.schema, 'usage') as reached, bool_or(r.owned) as owned,
           bool_and(r.everybody) as everybody, false as dynamic,
           (select json_agg(distinct lower(x.privilege_type))
              from (select r.acl union all
                    select a.attacl from pg_attribute a where a.attrelid = r.objid and a.attacl is not null) as l (acl)
             cross join aclexplode(l.acl) as x where x.grantee in (0, r.role)) as privileges
      from relations r
     where r.own and not r.everybody or r.copy is not null or r.remote is not null
     group by r.relkind, r.nspname, r.relname, r.objid, r.grantee, r.own, r.copy, r.remote, r.role, r.schema, r.acl
    union all
    select 'function', format('%I.%I(%s)', f.nspname, f.proname, oidvectortypes(f.proargtypes)), f.grantee, f.own,
           coalesce(f.reads, case when f.platform then 'what the platform keeps' end),
           has_schema_privilege(f.role, f.schema, 'usage'), false, f.everybody, f.dynamic, '["execute"]'::json
      from functions f
     where f.own and not f.everybody or f.reads is not null or f.platform or f.dynamic and not f.everybody
    union all
    select 'schema', format('%I', n.nspname), h.grantee, h.own, null, true, bool_or(h.owned), false, false, '["create"]'::json
      from held h
      join pg_namespace n on h.classid = 'pg_namespace'::regclass and n.oid = h.objid
     where h.own and n.nspname <> all (current_setting('lab.schemas')::name[] || name 'public')
       and n.nspname not in ('auth', 'storage', 'extensions', 'vault')
       and has_schema_privilege(h.role, n.oid, 'create')
     group by n.nspname, h.grantee, h.own
    union all
    select 'foreign server', format('%I', s.srvname), h.grantee, h.own, null, true, bool_or(h.owned), false, false, '["usage"]'::json
      from held h
      join pg_foreign_server s on h.classid = 'pg_foreign_server'::regclass and s.oid = h.objid
     where h.own
     group by s.srvname, h.grantee, h.own
    union all
    select 'large object', h.objid::text, h.grantee, h.own, null, true, bool_or(h.owned), false, false, '["all"]'::json
      from held h
     where h.own and h.classid = 'pg_largeobject'::regclass
     group by h.objid, h.grantee, h.own
    union all
    select case when c.classoid = 'pg_class'::regclass then 'table' else 'function' end,
           case when c.classoid = 'pg_class'::regclass then (select format('pg_catalog.%I', k.relname) from pg_class k where k.oid = c.objoid)
                else (select format('pg_catalog.%I(%s)', p.proname, oidvectortypes(p.proargtypes)) from pg_proc p where p.oid = c.objoid) end,
           case c.grantee when 0 then 'public' else pg_get_userbyid(c.grantee)::text end, true,
           'what Postgres keeps closed', true, false, false, false, json_agg(distinct lower(c.privilege_type))
      from closed c
     group by c.classoid, c.objoid, c.grantee
  ) as g;
