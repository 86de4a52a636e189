-- How many connections are used, and how many transaction ids are left before the server stops.
select (select count(*) from pg_catalog.pg_stat_activity a where a.backend_type = 'client backend') as connections,
       current_setting('max_connections')::int as most,
       (select max(pg_catalog.age(d.datfrozenxid)) from pg_catalog.pg_database d) as oldest
