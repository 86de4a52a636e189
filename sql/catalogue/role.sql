-- Roles that could give access past the rules: the declared ones, their members, the roles that they are members of,
-- and every role that bypasses row-level security, replicates the database, or makes roles.
with watched as (
  select r.oid from pg_roles r where r.rolname = any (current_setting('lab.roles')::text[])
), near as (
  select w.oid from watched w
  union select m.member from pg_auth_members m join watched w on w.oid = m.roleid
  union select m.roleid from pg_auth_members m join watched w on w.oid = m.member
  union select r.oid from pg_roles r where r.rolsuper or r.rolbypassrls or r.rolreplication or r.rolcreaterole
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
