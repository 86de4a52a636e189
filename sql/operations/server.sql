-- The server's version, its clock, and whether confirmed writes survive a power cut.
select current_setting('server_version_num')::int / 10000 as major,
       extract(epoch from clock_timestamp())::float as clock,
       pg_catalog.pg_backend_pid() as backend,
       current_setting('fsync') = 'on' and current_setting('full_page_writes') = 'on' as durable
