-- The newest attempts, each with its job's channel and its result.
select a.created_at, j.channel, j.leg, a.outcome, a.error_class, a.attempt, a.job_id::text as job_id, a.worker
  from (
    select n.id, n.job_id, n.attempt, n.outcome, n.error_class, n.worker, n.created_at
      from operations.delivery_attempts n
     order by n.id desc
     limit %(most)s
  ) a
  join operations.delivery_jobs j on j.id = a.job_id
 order by a.id desc
