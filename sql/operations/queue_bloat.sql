-- How much of the queue's table is dead rows, which every claim has to step over.
select t.n_live_tup as live, t.n_dead_tup as dead
  from pg_catalog.pg_stat_user_tables t
 where t.schemaname = 'public' and t.relname = 'delivery_jobs'
