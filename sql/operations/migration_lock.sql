-- How long another session has held the migration lock, at least: since its transaction began or, without one, since it
-- was last active. Null when this role may not see it.
select extract(epoch from now() - coalesce(a.xact_start, a.state_change))::float as seconds
  from pg_catalog.pg_locks l
  join pg_catalog.pg_stat_activity a on a.pid = l.pid
 cross join (select pg_catalog.hashtextextended('supabase_migrations.schema_migrations', 0) as key) k
 where l.locktype = 'advisory' and l.granted and l.objsubid = 1 and a.pid <> pg_catalog.pg_backend_pid()
   and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = current_database())
   and l.classid = ((k.key >> 32) & 4294967295)::bigint::oid
   and l.objid = (k.key & 4294967295)::bigint::oid
