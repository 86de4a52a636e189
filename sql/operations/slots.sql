-- Replication slots, and how much write-ahead log the server keeps for each.
select s.slot_name as name, s.active, coalesce(s.wal_status, 'unknown') as state,
       coalesce(pg_catalog.pg_wal_lsn_diff(
         case when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_last_wal_replay_lsn()
              else pg_catalog.pg_current_wal_lsn() end, s.restart_lsn), 0)::bigint as kept_bytes
  from pg_catalog.pg_replication_slots s
 order by s.slot_name
