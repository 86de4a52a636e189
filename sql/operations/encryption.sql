-- Whether the server receives this connection encrypted, or from its own machine, as from a pooler beside it.
select s.ssl, s.version,
       pg_catalog.inet_client_addr() is null
         or pg_catalog.inet_client_addr() <<= '127.0.0.0/8' or pg_catalog.inet_client_addr() = '::1'
         or pg_catalog.inet_client_addr() = pg_catalog.inet_server_addr() as inside
  from pg_catalog.pg_stat_ssl s
 where s.pid = pg_catalog.pg_backend_pid()
