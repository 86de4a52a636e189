"""A sound world, the wall around it, and which invariants fire in it."""

from typing import Any

import psycopg

from lab.checks.data.check import check_invariants

# A person with a sealed reading, its artifacts, a purchase, every consent, a Passport record and sealed ledgers.
WORLD = """
insert into auth.users (id, email, is_anonymous, aud, role)
select id, id || '@example.test', false, 'authenticated', 'authenticated'
  from unnest(array[%(owner)s, %(stranger)s]::uuid[]) as id;
insert into public.oracle_scrolls (id, subject_id, question, answer)
values (%(scroll)s, %(owner)s, 'A question?', 'An answer.'), (%(other_scroll)s, %(stranger)s, 'Another?', 'Yes.');
select public.seal_scroll(%(scroll)s);
insert into public.products (id, layer, stripe_product_id, title, livemode)
values (%(product)s, 'artifacts', 'prod_1', 'Artifacts', true);
insert into public.purchase_links (id, product_id, stripe_price_id, amount_minor, currency, livemode, unlock_route)
values (%(link)s, %(product)s, 'price_1', 4900, 'eur', true, '/reading');
insert into public.purchases (id, checkout_session_id, payment_intent_id, purchase_link_id, buyer_subject_id, scroll_id,
                              amount_minor, currency, livemode)
values (%(purchase)s, 'cs_live_1', 'pi_1', %(link)s, %(owner)s, %(scroll)s, 4900, 'eur', true);
update public.purchases set status = 'paid', paid_at = now(), unlocked_at = now() where id = %(purchase)s;
insert into public.oracle_artifacts (id, subject_id, scroll_id, kind, state, ready_at, storage_path)
values (%(pdf)s, %(owner)s, %(scroll)s, 'pdf', 'ready', now(), 'abcdef0123456789'),
       (%(card)s, %(owner)s, %(scroll)s, 'share_card', 'ready', now(), null),
       (%(gift)s, %(owner)s, %(scroll)s, 'gift', 'ready', now(), null),
       (%(print)s, %(owner)s, %(scroll)s, 'print_view', 'ready', now(), null);
select public.record_consent(%(owner)s, n.purpose, 'given', gen_random_uuid(), n.id,
         wall.consent_scope(n.purpose, case n.purpose when 'gift_recipient' then %(gift)s::uuid else %(card)s end),
         '{"surface": "checkout"}')
  from public.consent_notices n
 where n.locale = 'en' and n.purpose !~ 'withdrawal|waiver' order by n.purpose;
insert into public.share_cards (artifact_id, title, symbol, palette, one_line)
values (%(card)s, 'The Tower', 'lantern', 'dusk', 'A light at night.');
insert into public.gift_recipients (artifact_id, subject_id, contact, token_sha256)
values (%(gift)s, %(owner)s, 'friend@example.test', sha256('a'));
insert into public.passport_records (id, subject_id, scroll_id) values (%(record)s, %(owner)s, %(scroll)s);
select public.seal_passport_record(%(record)s);
insert into public.ai_runs (subject_id, layer, scroll_id, fields_given, model)
values (%(owner)s, 'echo', %(scroll)s, '{question}', 'model-1');
insert into public.echo_entries (id, subject_id, scroll_id, due_at) values (%(echo)s, %(owner)s, %(scroll)s, now());
select public.enqueue_delivery_job('email', %(owner)s, artifact_id => %(pdf)s::uuid);
select public.record_stripe_event('evt_1', 'charge.refunded', now(), true, '{}');
insert into public.privacy_requests (subject_id, kind) values (%(owner)s, 'export');
select public.seal_ledgers();
"""
NAMES = (
    "owner", "stranger", "scroll", "other_scroll", "product", "link", "purchase", "pdf", "card", "gift", "print",
    "record", "echo",
)  # fmt: skip


# Every trigger of the wall, switched off for what the wall would refuse, and on again.
WALL = """do $$ declare t record; begin
  for t in select tgrelid::regclass as relation, tgname from pg_trigger
            where not tgisinternal and tgrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace)
  loop execute format('alter table %s {} trigger %I', t.relation, t.tgname); end loop; end $$"""


def fired(connection: psycopg.Connection[Any], **options: Any) -> set[str]:
    outcome = check_invariants(connection, **options)
    assert not outcome.unknowns, outcome.unknowns
    return {finding.rule for finding in outcome.findings}
