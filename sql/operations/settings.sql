-- Reads the settings of the server's own configuration. Postgres shows some only to members of pg_read_all_settings.
-- Settings of this connection, such as time limits, hide the server's.
select g.name, g.value, r.sees_all
  from (select pg_catalog.pg_has_role('pg_read_all_settings', 'usage') as sees_all) r
  left join (select s.name, s.setting || case when s.unit in ('us', 'ms', 's', 'min') then s.unit else '' end as value
               from pg_catalog.pg_settings s
              where s.source in ('configuration file', 'command line', 'environment variable')) g on true
 order by g.name
