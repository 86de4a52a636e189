-- One statement, so that ten deliveries at once still record one event; the unique index decides which one is first.
#variable_conflict use_column
declare
  seen integer;
begin
  insert into public.stripe_events as e
         (id, type, stripe_created_at, livemode, payload, object_id, checkout_session_id, api_version)
  values (record_stripe_event.event_id, wall.stripe_type(record_stripe_event.type), record_stripe_event.stripe_created_at,
          record_stripe_event.livemode, record_stripe_event.payload, record_stripe_event.object_id,
          record_stripe_event.checkout_session_id, record_stripe_event.api_version)
      on conflict (id) do update set deliveries = e.deliveries + 1
  returning e.deliveries into seen;
  return seen = 1;
end
