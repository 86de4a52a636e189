-- Whether write-ahead log is archived, and whether the last try went well.
select current_setting('archive_mode') <> 'off' as archives,
       a.failed_count, a.last_archived_time is not null as ever,
       coalesce(a.last_failed_time > a.last_archived_time, a.last_failed_time is not null) as failing,
       extract(epoch from now() - a.last_archived_time)::float as seconds_since
  from pg_catalog.pg_stat_archiver a
