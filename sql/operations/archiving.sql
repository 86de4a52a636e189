-- Whether write-ahead log is archived, whether the last attempt succeeded, and how much was written since the last
-- archived file, whose name gives its position. A command that hangs is not counted as failed.
select current_setting('archive_mode') <> 'off' as archives,
       a.failed_count, a.last_archived_time is not null as ever,
       coalesce(a.last_failed_time > a.last_archived_time, a.last_failed_time is not null) as failing,
       extract(epoch from now() - a.last_archived_time)::float as seconds_since,
       case when a.last_archived_wal ~ '^[0-9A-F]{24}' then
         coalesce(pg_catalog.pg_wal_lsn_diff(
           case when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_last_wal_replay_lsn()
                else pg_catalog.pg_current_wal_lsn() end,
           format('%s/0', substr(a.last_archived_wal, 9, 8))::pg_lsn), 0)
         - (('x' || substr(a.last_archived_wal, 17, 8))::bit(32)::bigint + 1)
           * pg_catalog.pg_size_bytes(current_setting('wal_segment_size')) end::bigint as waiting_bytes
  from pg_catalog.pg_stat_archiver a
