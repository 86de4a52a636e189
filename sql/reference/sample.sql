-- The made-up shop of the examples in docs/reference, written inside a transaction that is rolled back. ${...} is the
-- id of that name. Ada has bought a reading, Ben receives a gift, and Dora has asked to be deleted.

insert into auth.users (id, email, email_confirmed_at, is_anonymous, aud, role)
select p.id, p.name || '@shop.example', now(), false, 'authenticated', 'authenticated'
  from (values ('${ada}'::uuid, 'ada'), ('${ben}', 'ben'), ('${dora}', 'dora')) as p (id, name);

-- Wordings in a language of their own, so that they stand beside those of the migrations.
insert into public.consent_notices (id, purpose, version, locale, body)
values ('${notice_of_email}', 'email_delivery', 1, 'x-0000e4a3', 'May we e-mail you?'),
       ('${notice_of_share}', 'public_share', 1, 'x-0000e4a3', 'May we show this card?'),
       ('${notice_of_gift}', 'gift_recipient', 1, 'x-0000e4a3', 'May we invite this person?'),
       ('${notice_of_passport}', 'passport_write', 1, 'x-0000e4a3', 'May we keep this reading in your Passport?'),
       ('${notice_of_ai}', 'ai_processing', 1, 'x-0000e4a3', 'May an AI service read your question?'),
       ('${notice_of_waiver}', 'withdrawal_waiver', 1, 'x-0000e4a3', 'I agree that delivery begins at once.');

insert into public.oracle_scrolls (id, subject_id, question, answer)
values ('${scroll}', '${ada}', 'Which of the two roads brings me home?', 'The one that you have walked before.'),
       ('${new_scroll}', '${ada}', 'Is it time to sell the house?', 'Not before the winter.');
update public.oracle_scrolls set sealed_at = now() where id = '${scroll}';

insert into public.oracle_artifacts (id, subject_id, scroll_id, kind, storage_path)
values ('${pdf}', '${ada}', '${scroll}', 'pdf', null), ('${share_card}', '${ada}', '${scroll}', 'share_card', null),
       ('${gift}', '${ada}', '${scroll}', 'gift', null);

select public.record_consent('${ada}', 'email_delivery', 'given', gen_random_uuid(), '${notice_of_email}'),
       public.record_consent('${ada}', 'passport_write', 'given', gen_random_uuid(), '${notice_of_passport}'),
       public.record_consent('${ada}', 'ai_processing', 'given', gen_random_uuid(), '${notice_of_ai}'),
       public.record_consent('${ada}', 'public_share', 'given', gen_random_uuid(), '${notice_of_share}', '${share_card}'),
       public.record_consent('${ada}', 'gift_recipient', 'given', gen_random_uuid(), '${notice_of_gift}', '${gift}');

insert into public.share_cards (id, artifact_id, slug, title, symbol, palette, one_line)
values ('${card}', '${share_card}', '7f3a9c52e1b84d06a5c7f3a9c52e1b84', 'The Tower', 'tower', 'dusk',
        'Something falls, and light comes in.');

insert into public.gift_recipients (id, subject_id, artifact_id, contact, recipient_name, token_sha256)
values ('${invitation}', '${ada}', '${gift}', 'ben@shop.example', 'Ben',
        sha256(convert_to('5d1e0b7a94c34f2e8d6b', 'UTF8')));

insert into public.products (id, layer, stripe_product_id, title, livemode)
values ('${product}', 'artifacts', 'prod_referenceArtifacts', 'Artifacts', false);
insert into public.purchase_links (id, product_id, stripe_price_id, amount_minor, currency, livemode, unlock_route)
values ('${link}', '${product}', 'price_referenceArtifacts', 4900, 'eur', false, '/reading/artifacts');

-- One order whose checkout is open, one without a checkout, and one that is paid.
insert into public.purchases (id, purchase_link_id, buyer_subject_id, scroll_id, checkout_session_id, payment_intent_id)
values ('${order}', '${link}', '${ada}', '${scroll}', 'cs_test_referenceOrder', null),
       ('${new_order}', '${link}', '${ada}', '${scroll}', null, null),
       ('${purchase}', '${link}', '${ada}', '${scroll}', 'cs_test_referencePaid', 'pi_referencePaid');
update public.purchases set status = 'paid', paid_at = now(), received_minor = 4900 where id = '${purchase}';
insert into public.payment_reviews (id, checkout_session_id, reason, purchase_id)
values ('${review}', 'cs_test_referencePaid', 'quantity_differs', '${purchase}');

insert into public.passport_records (id, subject_id, scroll_id, artifact_id, purchase_id)
values ('${passport_record}', '${ada}', '${scroll}', '${pdf}', '${purchase}');

insert into public.ai_runs (id, subject_id, layer, scroll_id, fields_given, model)
values ('${run}', '${ada}', 'echo', '${scroll}', '{question}', 'model-1');

insert into public.privacy_requests (id, subject_id, kind) values ('${deletion}', '${dora}', 'deletion');
update public.privacy_requests set status = 'verified' where id = '${deletion}';
update public.privacy_requests set status = 'running' where id = '${deletion}';
insert into public.storage_deletions (id, request_id, storage_path)
values ('${file}', '${deletion}', '0f6a35d2c81e4b7796d0aa4e51c3f802.pdf');

insert into public.stripe_events (id, type, stripe_created_at, livemode, payload, checkout_session_id)
values ('evt_referenceWaiting', 'checkout.session.completed', now(), false, '{"object": "event"}', 'cs_test_referenceOrder');
