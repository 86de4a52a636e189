-- The last minute of a provider's window is left out, because a call takes its time.
declare
  effect public.delivery_effects;
  limits record;
begin
  select e.* into effect from public.delivery_effects e where e.id = may_repeat.effect_id;
  select a.* into limits from wall.provider_ability(effect.provider) a;
  return coalesce(
           limits.ability <> 'blind'
           and clock_timestamp() < effect.created_at + make_interval(secs => limits.window_seconds - 60),
           false);
end
