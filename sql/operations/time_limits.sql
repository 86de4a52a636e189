-- The statement timeout of each role: set for the role in this database, the role, the database, or the server.
select r.rolname as role,
       coalesce((select split_part(c.line, '=', 2)
                   from pg_catalog.pg_db_role_setting s
                   left join pg_catalog.pg_database d on d.oid = s.setdatabase
                  cross join lateral unnest(s.setconfig) as c (line)
                  where c.line like 'statement\_timeout=%'
                    and (s.setrole = r.oid or s.setrole = 0)
                    and (s.setdatabase = 0 or d.datname = current_database())
                  order by s.setrole = 0, s.setdatabase = 0
                  limit 1),
                (select g.setting from pg_catalog.pg_settings g
                  where g.name = 'statement_timeout' and g.source in ('configuration file', 'command line')),
                'none') as set_to
  from pg_catalog.pg_roles r
 where r.rolname in ('anon', 'authenticated')
 order by r.rolname
