-- The newest attempts, each with its job's channel and its result.
select a.created_at, a.channel, a.leg, a.outcome, a.error_class, a.attempt, a.job_id::text as job_id, a.worker
  from operations.newest_delivery_attempts a
 order by a.created_at desc, a.id desc
 limit %(most)s
