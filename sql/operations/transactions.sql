-- Old transactions that keep dead rows from being removed, including prepared ones.
select (select count(*)
          from pg_catalog.pg_stat_activity a
         where a.backend_type = 'client backend' and a.pid <> pg_catalog.pg_backend_pid()
           and a.datname = current_database()
           and (a.backend_xmin is not null or a.backend_xid is not null)
           and a.xact_start < now() - interval '5 minutes') as long_running,
       (select count(*)
          from pg_catalog.pg_stat_activity a
         where a.datname = current_database() and a.state like 'idle in transaction%'
           and a.state_change < now() - interval '5 minutes') as idle,
       (select count(*)
          from pg_catalog.pg_prepared_xacts p
         where p.database = current_database() and p.prepared < now() - interval '5 minutes') as prepared,
       pg_catalog.pg_has_role('pg_read_all_stats', 'usage') as sees_all
