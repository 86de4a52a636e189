-- What waits for a person: a closed environment, uncertain messages, jobs without a worker, dead letters, stopped
-- channels and parked jobs. Jobs without a worker are counted by channel. Reads the operators' views alone; the total
-- is that of the kind.
with environment as (
  select e.environment, e.created_at,
         e.system_identifier <> (select s.system_identifier from pg_control_system() s)
           or e.timeline <> (select c.timeline_id from pg_control_checkpoint() c)
           or e.database_oid <> (select d.oid::bigint from pg_database d where d.datname = current_database()) as copied
    from operations.delivery_environments e
   order by e.id desc
   limit 1
), uncertain as (
  select u.job_id, u.provider, u.created_at
    from operations.delivery_effects u
   where u.state = 'uncertain'
)
select n.waiting, n.id, n.channel, n.leg, n.jobs, n.since, n.attempts, n.detail, n.total
  from (select w.*, count(*) over (partition by w.waiting) as total,
               row_number() over (partition by w.waiting order by w.since, w.id) as place
          from (
    select 'environment_copied' as waiting, e.environment as id, null::text as channel, null::text as leg,
           null::bigint as jobs, e.created_at as since, null::smallint as attempts, null::text as detail
      from environment e
     where e.copied
    union all
    select 'environment_not_open', null, null, null, null, null, null, null
     where not exists (select from environment)
    union all
    select 'send_uncertain', j.id::text, j.channel, j.leg, null, u.created_at, j.attempts, u.provider
      from uncertain u
      join operations.delivery_jobs j on j.id = u.job_id
     where j.held in ('dead', 'parked')
    union all
    select 'lease_expired', j.channel, j.channel, null, count(*), min(j.lease_until), null, null
      from operations.delivery_jobs j
     where j.queued and j.status = 'running' and j.lease_until < now() - interval '5 minutes'
     group by j.channel
    union all
    select 'job_overdue', j.channel, j.channel, null, count(*), min(j.next_run_at), null, null
      from operations.delivery_jobs j
     where j.queued and j.status = 'pending' and j.next_run_at < now() - interval '15 minutes'
       and not exists (
             select from operations.delivery_switches s where s.stopped and s.channel in ('all', j.channel))
     group by j.channel
    union all
    select case j.status when 'dead' then 'dead_letter' else 'job_parked' end, j.id::text, j.channel, j.leg, null,
           coalesce(j.finished_at, j.created_at), j.attempts, j.error_class
      from operations.delivery_jobs j
     where j.held in ('dead', 'parked') and not exists (select from uncertain u where u.job_id = j.id)
    union all
    select 'channel_stopped', s.channel, nullif(s.channel, 'all'), null, null, s.changed_at, null, null
      from operations.delivery_switches s
     where s.stopped
  ) w) n
 where n.place <= %(most)s
 order by array_position(%(order)s::text[], n.waiting), n.place
