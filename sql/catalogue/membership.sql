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
       json_agg(distinct m.grantor::regrole::text) as grantors,
       bool_or(m.admin_option) as admin,
       bool_or(coalesce((to_jsonb(m) ->> 'inherit_option')::boolean, r.rolinherit)) as inherit,
       bool_or(coalesce((to_jsonb(m) ->> 'set_option')::boolean, true)) as set
  from pg_auth_members m
  join pg_roles r on r.oid = m.member
 where m.member in (select w.oid from watched w) or m.roleid in (select p.oid from powerful p)
 group by m.member, m.roleid;
