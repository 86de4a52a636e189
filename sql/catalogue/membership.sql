-- Role memberships, including indirect ones: a member of a member has the same power. `observes` marks memberships that
-- only let a role see, or disturb, what others do.
with recursive watched as (
  select r.oid from pg_roles r where r.rolname = any (current_setting('lab.roles')::text[])
), powerful as (
  select r.oid
    from pg_roles r
   where r.rolsuper or r.rolbypassrls or r.rolreplication
      -- Below 16 whoever makes roles can give itself any other, but for superusers.
      or r.rolcreaterole and current_setting('server_version_num')::int < 160000
      or r.rolname = any (current_setting('lab.roles')::text[] || current_setting('lab.powers')::text[])
  union
  select m.member from pg_auth_members m join powerful p on p.oid = m.roleid
), observing as (
  select r.oid from pg_roles r where r.rolname = any (current_setting('lab.observers')::text[])
  union
  select m.member from pg_auth_members m join observing o on o.oid = m.roleid
)
select 'membership' as kind,
       format('%s|%s', m.member::regrole, m.roleid::regrole) as key,
       m.member::regrole::text as member,
       m.roleid::regrole::text as role,
       case when m.roleid not in (select p.oid from powerful p) then true end as observes,
       json_agg(distinct m.grantor::regrole::text) as grantors,
       bool_or(m.admin_option) as admin,
       bool_or(coalesce((to_jsonb(m) ->> 'inherit_option')::boolean, r.rolinherit)) as inherit,
       bool_or(coalesce((to_jsonb(m) ->> 'set_option')::boolean, true)) as set
  from pg_auth_members m
  join pg_roles r on r.oid = m.member
 where m.member in (select w.oid from watched w) or m.roleid in (select p.oid from powerful p)
    or m.roleid in (select o.oid from observing o)
 group by m.member, m.roleid;
