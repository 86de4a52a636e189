-- Statements that show whether stripe_counts_once holds; each is tried by itself and rolled back.

-- statement: repeat_event
insert into public.stripe_events (id, type, stripe_created_at, livemode, payload)
values ('evt_probe' || ${a.token}, 'checkout.session.completed', now(), false, '{}');

-- statement: record_event_again
select to_jsonb(array[public.record_stripe_event('evt_probe' || ${a.token}, 'x', now(), false, '{}')]);

-- statement: repeat_session
insert into public.purchases (checkout_session_id, purchase_link_id, amount_minor, currency, livemode)
values ('cs_test_probe' || ${a.token}, ${a.link}::uuid, 1900, 'eur', false);

-- statement: keep_unlisted_payload
insert into public.stripe_events (id, type, stripe_created_at, livemode, payload)
values ('evt_new' || ${a.token}, 'checkout.session.completed', now(), false, '{"customer_email": "x"}');
