-- Counts jobs that are not finished, by channel and state, with the oldest that is due.
-- Indexes without finished jobs find each part, so that those are never read.
select q.channel, q.status, q.jobs, q.due, q.oldest_due_at
  from (
    select j.channel, 'pending' as status, count(*) as jobs, count(*) filter (where j.next_run_at <= now()) as due,
           min(j.next_run_at) filter (where j.next_run_at <= now()) as oldest_due_at
      from operations.delivery_jobs j
     where j.status = 'pending'
     group by j.channel
    union all
    select j.channel, 'running', count(*), 0, null
      from operations.delivery_jobs j
     where j.status = 'running'
     group by j.channel
    union all
    select j.channel, 'waiting', count(*), 0, null
      from operations.delivery_jobs j
     where j.status = 'waiting'
     group by j.channel
    union all
    select j.channel, j.status, count(*), 0, null
      from operations.delivery_jobs j
     where j.status in ('dead', 'parked')
     group by j.channel, j.status
  ) q
 order by q.channel, q.status
