-- Step 2 of the tour: a purchase is opened, reported by Stripe, and unlocked.

-- statement: offer
insert into public.products (id, layer, stripe_product_id, title, livemode)
values (${a.product}::uuid, 'artifacts', 'prod_tour' || ${a.token}, 'Artifacts', false);

-- statement: link
insert into public.purchase_links (id, product_id, stripe_price_id, amount_minor, currency, livemode, unlock_route)
values (${a.link}::uuid, ${a.product}::uuid, 'price_tour' || ${a.token}, 1900, 'eur', false, '/unlock/artifacts');

-- statement: order
select public.open_purchase(${a.purchase}::uuid, ${a.link}::uuid, ${a.subject}::uuid, scroll_id => ${a.scroll}::uuid);

-- statement: report
select to_jsonb(array[public.record_stripe_event('evt_tour' || ${a.token}, 'checkout.session.completed', now(), false,
                                                 '{"object": "event"}', 'cs_test_tour' || ${a.token},
                                                 'cs_test_tour' || ${a.token})]);

-- statement: settle
select public.settle_purchase('cs_test_tour' || ${a.token}, 'paid', false, array['price_tour' || ${a.token}], array[1],
                              1900, 1900, 'eur', ${a.purchase}::uuid, 'pi_tour' || ${a.token});

-- statement: read_purchase
select jsonb_agg(jsonb_build_object('status', p.status, 'amount_minor', p.amount_minor, 'currency', p.currency,
                                    'paid_at', p.paid_at, 'unlocked_at', p.unlocked_at,
                                    'buyer_subject_id', p.buyer_subject_id))
  from public.purchases p
 where p.id = ${a.purchase}::uuid;

-- statement: read_event
select jsonb_agg(jsonb_build_object('id', e.id, 'type', e.type, 'deliveries', e.deliveries, 'payload', e.payload))
  from public.stripe_events e
 where e.id = 'evt_tour' || ${a.token};

-- statement: repeat_session
insert into public.purchases (checkout_session_id, purchase_link_id, amount_minor, currency, livemode)
values ('cs_test_tour' || ${a.token}, ${a.link}::uuid, 1900, 'eur', false);

-- statement: find_purchase
select p.status
  from public.purchases p
 where p.id = ${a.purchase}::uuid;

-- statement: find_event
select e.type
  from public.stripe_events e
 where e.id = 'evt_tour' || ${a.token};
