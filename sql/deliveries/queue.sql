-- Counts jobs that are not finished, by channel and state, with the oldest that is due.
-- Indexes without finished jobs find each part, so that those are never read.
select q.channel, q.status, q.jobs, q.due, q.oldest_due_at
  from (
    select j.channel, j.status, count(*) as jobs,
           count(*) filter (where j.status = 'pending' and j.next_run_at <= now()) as due,
           min(j.next_run_at) filter (where j.status = 'pending' and j.next_run_at <= now()) as oldest_due_at
      from operations.delivery_jobs j
     where j.queued
     group by j.channel, j.status
    union all
    select j.channel, j.held, count(*), 0, null
      from operations.delivery_jobs j
     where j.held in ('waiting', 'dead', 'parked')
     group by j.channel, j.held
  ) q
 order by q.channel, q.status
