-- The lock is held until the commit. Messages that were begun before are committed by then, and are sent.
#variable_conflict use_column
declare
  changed boolean;
begin
  if switch_deliveries.stopped is null
     or coalesce(switch_deliveries.channel, '') <> 'all'
        and not exists (select from wall.job_settings(switch_deliveries.channel)) then
    raise exception 'unknown delivery channel'
      using errcode = '22023', hint = 'Choose one of the channels that the rules track, or all.';
  end if;
  perform pg_advisory_xact_lock(wall.lock_number('deliveries'));
  insert into public.delivery_switches as s (channel, stopped)
  select switch_deliveries.channel, switch_deliveries.stopped
   where switch_deliveries.stopped
      or exists (select from public.delivery_switches k where k.channel = switch_deliveries.channel)
      on conflict (channel) do update
     set stopped = excluded.stopped, changed_at = clock_timestamp()
   where s.stopped <> excluded.stopped;
  changed := found;
  if changed then
    perform wall.record_support_act(
      case when switch_deliveries.stopped then 'deliveries.stopped' else 'deliveries.resumed' end, 'delivery_switches',
      (select s.id::text from public.delivery_switches s where s.channel = switch_deliveries.channel),
      jsonb_build_object('channel', switch_deliveries.channel));
  end if;
  return changed;
end
