-- Settings. A value that may be a secret, or somebody's claims, is not returned. `open` are the schemas of a search_path
-- that are missing, or in which an outsider may create objects.
with recursive strong as (
  select r.oid
    from pg_roles r
   where r.rolsuper or r.rolbypassrls
      or r.rolname = any (current_setting('lab.powers')::text[] || current_setting('lab.platform')::text[] || array['pg_database_owner'])
  union
  select m.member from pg_auth_members m join strong s on s.oid = m.roleid
)
select 'setting' as kind,
       format('%s|%s|%s', case when s.setrole = 0 then '*' else pg_get_userbyid(s.setrole)::text end,
              case when s.setdatabase = 0 then '*' else 'database' end, split_part(c.line, '=', 1)) as key,
       case when s.setrole = 0 then '*' else pg_get_userbyid(s.setrole)::text end as role,
       case when s.setdatabase = 0 then '*' else 'database' end as place,
       split_part(c.line, '=', 1) as name,
       case when split_part(c.line, '=', 1) ~* '^(app|request)[.]|secret|password|token|key'
            then 'a value that is not shown' else substr(c.line, strpos(c.line, '=') + 1) end as value,
       case when c.line like 'search_path=%' then (
         select json_agg(w.name order by w.name)
           from string_to_table(substr(c.line, 13), ',') as part
          cross join lateral (select btrim(part, ' "')) as w (name)
          where w.name not in ('$user', 'pg_catalog')
            and not exists (
                  select
                    from pg_namespace n
                   where n.nspname = w.name
                     and n.nspowner in (select s.oid from strong s)
                     and not exists (select from aclexplode(n.nspacl) as x
                                      where x.privilege_type = 'CREATE' and x.grantee not in (select s.oid from strong s)))
       ) end as open
  from pg_db_role_setting s
  left join pg_roles r on r.oid = s.setrole
  cross join lateral unnest(s.setconfig) as c (line)
 where s.setdatabase in (0, current_setting('lab.database')::oid)
   and (s.setrole = 0 or r.rolname = any (current_setting('lab.roles')::text[] || array['postgres'])
        -- Of the platform's roles, what changes the triggers, tables or rows that they work with.
        or r.rolname = any (current_setting('lab.platform')::text[])
           and (split_part(c.line, '=', 1) in ('session_replication_role', 'row_security', 'role', 'default_transaction_read_only')
                or (r.rolname, split_part(c.line, '=', 1)) in (('supabase_auth_admin', 'search_path'), ('supabase_storage_admin', 'search_path'))
                   and btrim(substr(c.line, strpos(c.line, '=') + 1), '" ') <> split_part(r.rolname, '_', 2)))
union all
-- Settings of the server's configuration; read only if they apply to a connection.
select 'setting', '*|server|' || g.name, '*', 'server', g.name, g.setting, null
  from pg_settings g
 where (current_setting('session_replication_role') <> 'origin' or current_setting('row_security') <> 'on')
   and g.name in ('session_replication_role', 'row_security')
   and g.source in ('configuration file', 'command line')
   and g.setting <> g.boot_val;
