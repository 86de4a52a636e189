-- A dump that was restored has another cluster, a backup that was restored another timeline, a copy in the same cluster
-- another id. A standby that takes over has a later timeline, too: an operator opens the environment again.
declare
  known public.delivery_environments;
begin
  select e.* into known from public.delivery_environments e order by e.id desc limit 1;
  return case
           when known.id is null then 'not_opened'
           when known.environment is distinct from environment_fault.environment then 'another'
           when known.system_identifier <> (select s.system_identifier from pg_control_system() s)
                or known.timeline <> (select c.timeline_id from pg_control_checkpoint() c)
                or known.database_oid <> (select d.oid::bigint from pg_database d where d.datname = current_database())
             then 'copied'
         end;
end
