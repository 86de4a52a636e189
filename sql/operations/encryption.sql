-- Whether the server itself sees this connection encrypted.
select s.ssl, s.version from pg_catalog.pg_stat_ssl s where s.pid = pg_catalog.pg_backend_pid()
