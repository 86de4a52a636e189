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
       jsonb_build_object('superuser', r.rolsuper, 'bypassrls', r.rolbypassrls, 'login', r.rolcanlogin,
                          'inherit', r.rolinherit, 'createrole', r.rolcreaterole, 'createdb', r.rolcreatedb,
                          'replication', r.rolreplication) as facts
  from near n
  join pg_roles r on r.oid = n.oid
union all
select 'membership' as kind,
       format('%s|%s', m.member::regrole, m.roleid::regrole) as key,
       jsonb_build_object('member', m.member::regrole::text, 'role', m.roleid::regrole::text,
                          'admin', bool_or(m.admin_option),
                          'inherit', bool_or(coalesce((to_jsonb(m) ->> 'inherit_option')::boolean, r.rolinherit)),
                          'set', bool_or(coalesce((to_jsonb(m) ->> 'set_option')::boolean, true))) as facts
  from pg_auth_members m
  join pg_roles r on r.oid = m.member
 where m.member in (select w.oid from watched w) or m.roleid in (select w.oid from watched w)
    or m.roleid in (select r.oid from pg_roles r where r.rolsuper or r.rolbypassrls)
 group by m.member, m.roleid
union all
select 'setting' as kind,
       format('%s|%s|%s', case when s.setrole = 0 then '*' else pg_get_userbyid(s.setrole)::text end,
              case when s.setdatabase = 0 then '*' else 'database' end, split_part(c.line, '=', 1)) as key,
       jsonb_build_object('role', case when s.setrole = 0 then '*' else pg_get_userbyid(s.setrole)::text end,
                          'place', case when s.setdatabase = 0 then '*' else 'database' end,
                          'name', split_part(c.line, '=', 1),
                          'value', substr(c.line, strpos(c.line, '=') + 1)) as facts
  from pg_db_role_setting s
  left join pg_roles r on r.oid = s.setrole
  cross join lateral unnest(s.setconfig) as c (line)
 where (s.setdatabase = 0 or s.setdatabase = (select d.oid from pg_database d where d.datname = current_database()))
   and (s.setrole = 0 or r.rolname = any (current_setting('lab.roles')::text[] || array['postgres']));
