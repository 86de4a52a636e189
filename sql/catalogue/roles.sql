-- Roles that can open a side door: those the wall is built against, whoever is a member of them or has them as
-- a member, and whoever stands above row-level security.
with watched as (
  select r.oid from pg_roles r where r.rolname = any (current_setting('lab.roles')::text[])
), near as (
  select w.oid from watched w
  union select m.member from pg_auth_members m join watched w on w.oid = m.roleid
  union select m.roleid from pg_auth_members m join watched w on w.oid = m.member
  union select r.oid from pg_roles r where r.rolsuper or r.rolbypassrls
)
select 'role' as kind,
       r.rolname::text as key,
       r.rolsuper as superuser,
       r.rolbypassrls as bypassrls,
       r.rolcanlogin as login,
       r.rolinherit as inherit,
       r.rolcreaterole as createrole,
       r.rolcreatedb as createdb,
       r.rolreplication as replication,
       case when r.oid in (select w.oid from watched w) then nullif(r.rolconnlimit, -1) end as connections,
       case when r.oid in (select w.oid from watched w) then nullif(r.rolvaliduntil, 'infinity')::text end as expires
  from near n
  join pg_roles r on r.oid = n.oid;
-- A member of a member has the same power, so the way up is followed to its end.
with recursive watched as (
  select r.oid from pg_roles r where r.rolname = any (current_setting('lab.roles')::text[])
), powerful as (
  select r.oid
    from pg_roles r
   where r.rolsuper or r.rolbypassrls
      or r.rolname = any (current_setting('lab.roles')::text[] || current_setting('lab.powers')::text[])
  union
  select m.member from pg_auth_members m join powerful p on p.oid = m.roleid
)
select 'membership' as kind,
       format('%s|%s', m.member::regrole, m.roleid::regrole) as key,
       m.member::regrole::text as member,
       m.roleid::regrole::text as role,
       bool_or(m.admin_option) as admin,
       bool_or(coalesce((to_jsonb(m) ->> 'inherit_option')::boolean, r.rolinherit)) as inherit,
       bool_or(coalesce((to_jsonb(m) ->> 'set_option')::boolean, true)) as set
  from pg_auth_members m
  join pg_roles r on r.oid = m.member
 where m.member in (select w.oid from watched w) or m.roleid in (select p.oid from powerful p)
 group by m.member, m.roleid;
-- A value that may be a secret, or somebody's claims, does not leave the database.
select 'setting' as kind,
       format('%s|%s|%s', case when s.setrole = 0 then '*' else pg_get_userbyid(s.setrole)::text end,
              case when s.setdatabase = 0 then '*' else 'database' end, split_part(c.line, '=', 1)) as key,
       case when s.setrole = 0 then '*' else pg_get_userbyid(s.setrole)::text end as role,
       case when s.setdatabase = 0 then '*' else 'database' end as place,
       split_part(c.line, '=', 1) as name,
       case when split_part(c.line, '=', 1) ~* '^(app|request)[.]|secret|password|token|key'
            then 'a value that is not shown' else substr(c.line, strpos(c.line, '=') + 1) end as value
  from pg_db_role_setting s
  left join pg_roles r on r.oid = s.setrole
  cross join lateral unnest(s.setconfig) as c (line)
 where (s.setdatabase = 0 or s.setdatabase = (select d.oid from pg_database d where d.datname = current_database()))
   and (s.setrole = 0 or r.rolname = any (current_setting('lab.roles')::text[] || array['postgres']))
union all
-- What the server's own configuration sets for everybody; looked up only where a connection meets it.
select 'setting', '*|server|' || g.name, '*', 'server', g.name, g.setting
  from pg_settings g
 where (current_setting('session_replication_role') <> 'origin' or current_setting('row_security') <> 'on')
   and g.name in ('session_replication_role', 'row_security')
   and g.source in ('configuration file', 'command line')
   and g.setting <> g.boot_val;
