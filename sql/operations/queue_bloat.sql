-- How many rows of the queue's table are dead; every claim must skip them.
select t.n_live_tup as live, t.n_dead_tup as dead
  from pg_catalog.pg_stat_user_tables t
 where t.schemaname = 'public' and t.relname = 'delivery_jobs'
