-- The lock is held until the commit, as by switch_deliveries: no message is begun meanwhile.
#variable_conflict use_column
declare
  opened bigint;
begin
  if coalesce(open_environment.environment !~ '^[a-z][a-z0-9-]{0,30}$', true) then
    raise exception 'the name of the environment has the wrong form'
      using errcode = '22023', hint = 'Use lower-case letters, digits and -, for example production.';
  end if;
  perform pg_advisory_xact_lock(wall.lock_number('deliveries'));
  if wall.environment_fault(open_environment.environment) is null then
    return false;
  end if;
  insert into public.delivery_environments (environment, system_identifier, timeline, database_oid)
  select open_environment.environment, s.system_identifier, c.timeline_id, d.oid::bigint
    from pg_control_system() s, pg_control_checkpoint() c, pg_database d
   where d.datname = current_database()
  returning id into opened;
  perform wall.record_support_act('environment.opened', 'delivery_environments', opened::text,
                                  jsonb_build_object('environment', environment));
  return true;
end
