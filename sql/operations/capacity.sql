-- How many connections are taken, and how many transaction numbers are left before the server must stop.
select (select count(*) from pg_catalog.pg_stat_activity a where a.backend_type = 'client backend') as connections,
       current_setting('max_connections')::int as most,
       (select max(pg_catalog.age(d.datfrozenxid)) from pg_catalog.pg_database d) as oldest
