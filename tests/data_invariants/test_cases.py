"""Invariants: for each a case that fires, a near miss that does not, its repair, and an index that answers it."""

import json
import re
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest
from psycopg import sql

from lab import RULES
from lab.data_invariants import check_invariants
from lab.data_invariants.invariants import INVARIANTS, QUERY_FOLDERS, REPAIR_FOLDER, Invariant, first_comment
from lab.database import connect
from lab.embedded import EmbeddedPostgres
from tests.servers import Database, clone_database, drop_database

Databases = Callable[..., Database]
BY_ID = {invariant.id: invariant for invariant in INVARIANTS}

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
insert into public.purchases (id, checkout_session_id, purchase_link_id, buyer_subject_id, scroll_id, status,
                              amount_minor, currency, livemode, paid_at, unlocked_at)
values (%(purchase)s, 'cs_1', %(link)s, %(owner)s, %(scroll)s, 'paid', 4900, 'eur', true, now(), now());
insert into public.oracle_artifacts (id, subject_id, scroll_id, kind, state, ready_at, storage_path)
values (%(pdf)s, %(owner)s, %(scroll)s, 'pdf', 'ready', now(), 'abcdef0123456789'),
       (%(card)s, %(owner)s, %(scroll)s, 'share_card', 'ready', now(), null),
       (%(gift)s, %(owner)s, %(scroll)s, 'gift', 'ready', now(), null),
       (%(print)s, %(owner)s, %(scroll)s, 'print_view', 'ready', now(), null);
select public.record_consent(%(owner)s, n.purpose, 'given', gen_random_uuid(), n.id,
         wall.consent_scope(n.purpose, case n.purpose when 'gift_recipient' then %(gift)s::uuid else %(card)s end),
         '{"surface": "checkout"}')
  from public.consent_notices n where n.locale = 'en' order by n.purpose;
insert into public.share_cards (artifact_id, title, symbol, palette, one_line)
values (%(card)s, 'Title', 'lantern', 'dusk', 'One line.');
insert into public.gift_recipients (artifact_id, subject_id, contact, token_sha256)
values (%(gift)s, %(owner)s, 'friend@example.test', sha256('a'));
insert into public.passport_records (id, subject_id, scroll_id) values (%(record)s, %(owner)s, %(scroll)s);
select public.seal_passport_record(%(record)s);
insert into public.ai_runs (subject_id, layer, scroll_id, fields_given, model)
values (%(owner)s, 'echo', %(scroll)s, '{question}', 'm');
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

JOB = """insert into public.delivery_jobs (idempotency_key, channel, leg, subject_id, artifact_id, purchase_id, status,
  next_run_at, lease_token, lease_until, finished_at, created_at, support_path)
select '{channel}:{leg}:' || gen_random_uuid() || ':0', '{channel}', '{leg}', {who}, %(pdf)s, {purchase}, '{status}',
  now() - interval '{due}', {token}, {lease}, {finished}, now() - interval '{age}', '/operate/queue'
from generate_series(1, {times})"""


def job(channel: str = "pdf", leg: str = "account", status: str = "pending", **more: str) -> str:
    """Write a job as no function would."""
    running = {"token": "gen_random_uuid()", "lease": f"now() - interval '{more.get('lease_age', '0')}'"}
    rest = {"token": "null", "lease": "null"} if status != "running" else running
    given = {"who": "%(owner)s", "purchase": "null", "due": "0", "finished": "null", "age": "0", "times": "1"} | more
    return JOB.format(channel=channel, leg=leg, status=status, **(rest | given)) + ";"


def withdrawn(purpose: str, ago: str = "1 hour") -> str:
    """Take a consent back in the ledger alone, as somebody past the wall would: the state says nothing of it."""
    return f"""with w as (insert into public.consent_events
      (request_id, subject_id, purpose, action, scope_id, personal_digest, row_hash, created_at)
      select gen_random_uuid(), subject_id, purpose, 'withdrawn', scope_id, '', '', now() - interval '{ago}'
        from public.consents where purpose = '{purpose}' returning id)
      update public.consents set standing = false, event_id = w.id from w where purpose = '{purpose}';
      update public.consent_events set created_at = now() - interval '2 hours'
        where purpose = '{purpose}' and action = 'given';
      insert into public.ledger_seals (ledger, position, row_id, row_hash, chain_hash)
      select 'consent_events', 999, id, '', '' from public.consent_events where action = 'withdrawn';"""


def audited(ago: str) -> str:
    """Write a line of the audit trail that is not sealed yet."""
    return f"""insert into public.admin_audit_events
      (actor_kind, action, object_table, object_id, outcome, row_hash, created_at)
      values ('server', 'a.b', 'products', 'unsealed', 'done', '', now() - interval '{ago}');
      update public.admin_audit_events e set row_hash = wall.ledger_content(to_jsonb(e))
       where object_id = 'unsealed';"""


STATE = "update public.consents set standing = false where purpose = '{}';"


class Case(NamedTuple):
    """What makes it fire, and what comes near and must not."""

    bad: str
    near: str
    also: tuple[str, ...] = ()


CASES: dict[str, Case] = {
    "paid_not_unlocked": Case(
        "update public.purchases set unlocked_at = null, paid_at = now() - interval '16 minutes';",
        "update public.purchases set unlocked_at = null, paid_at = now() - interval '14 minutes';",
    ),
    "unlocked_not_paid": Case(
        "update public.purchases set status = 'processing';",
        "update public.purchases set status = 'processing', unlocked_at = null;",
    ),
    "refunded_still_unlocked": Case(
        "update public.purchases set status = 'disputed';",
        "update public.purchases set status = 'refunded', unlocked_at = null;",
    ),
    "artifacts_without_purchase": Case(
        "update public.purchases set scroll_id = null;",
        "update public.oracle_artifacts set state = 'draft', scroll_id = %(other_scroll)s;",
    ),
    "links_without_product": Case(
        "update public.products set active = false;",
        "update public.products set active = false; update public.purchase_links set active = false;",
    ),
    "stripe_events_waiting": Case(
        "update public.stripe_events set status = 'processing', created_at = now() - interval '61 minutes';",
        "update public.stripe_events set status = 'done', created_at = now() - interval '61 minutes';",
    ),
    "stripe_events_in_review": Case(
        "update public.stripe_events set status = 'needs_review', created_at = now() - interval '25 hours';",
        "update public.stripe_events set status = 'needs_review', created_at = now() - interval '23 hours';",
    ),
    "jobs_overdue": Case(job(due="16 minutes"), job(due="14 minutes") + job(status="parked", due="1 day")),
    "leases_expired": Case(job(status="running", lease_age="6 minutes"), job(status="running", lease_age="4 minutes")),
    "dead_letters": Case(job(status="dead"), job(status="parked") + job(status="cancelled")),
    "emails_dead_for_good": Case(
        job("email", "email", "dead")
        + "insert into public.delivery_attempts (job_id, attempt, outcome)"
        " select id, 1, 'permanent' from public.delivery_jobs where status = 'dead';",
        job("email", "email", "parked")
        + "insert into public.delivery_attempts (job_id, attempt, outcome)"
        " select id, 1, 'permanent' from public.delivery_jobs where status = 'parked';",
        also=("dead_letters",),
    ),
    "emails_without_consent": Case(job("email", "email", who="%(stranger)s"), job("pdf", who="%(stranger)s")),
    "emails_waiting_needlessly": Case(
        job("receipt", "email", "waiting", purchase="%(purchase)s"),
        job("receipt", "email", "waiting", purchase="%(purchase)s", who="%(stranger)s"),
    ),
    "receipts_waiting": Case(
        job("receipt", "email", "waiting", who="%(stranger)s", age="8 days"),
        job("receipt", "email", "waiting", who="%(stranger)s", age="6 days"),
    ),
    "recoveries_waiting": Case(
        job("recovery", "email", "waiting", who="%(stranger)s", age="8 days"),
        job("recovery", "email", "cancelled", who="%(stranger)s", age="8 days"),
    ),
    "recoveries_repeated": Case(
        job("recovery", status="done", purchase="%(purchase)s", finished="now()", times="2"),
        job("recovery", status="done", purchase="%(purchase)s", finished="now()")
        + job("recovery", status="done", purchase="%(purchase)s", finished="now() - interval '2 hours'")
        + job("recovery", "email", "done", purchase="%(purchase)s", finished="now()"),
    ),
    "deliveries_without_consent": Case(
        withdrawn("email_delivery") + job("email", "email", "done", finished="now() - interval '50 minutes'")
        + "delete from public.delivery_jobs where status = 'pending';",
        withdrawn("email_delivery") + job("email", "email", "done", finished="now() - interval '61 minutes'")
        + job("email", "email", "done", finished="now() - interval '58 minutes'")
        + job("pdf", "account", "done", finished="now()"),
        also=("consent_ledger_lately_broken",),
    ),
    "share_cards_without_consent": Case(
        "delete from public.consents where purpose = 'public_share';",
        "delete from public.consents where purpose = 'public_share'; update public.share_cards set revoked_at = now();",
    ),
    "gifts_without_consent": Case(
        "delete from public.consents where purpose = 'gift_recipient';",
        "delete from public.consents where purpose = 'gift_recipient'; update public.gift_recipients"
        " set accepted_at = now();",
    ),
    "gift_addresses_expired": Case(
        "update public.gift_recipients set expires_at = now() - interval '2 days', created_at = now() -"
        " interval '9 days';",
        "update public.gift_recipients set expires_at = now() - interval '2 hours', created_at = now()"
        " - interval '9 days';",
    ),
    "ai_runs_without_consent": Case(
        "delete from public.consents where purpose = 'ai_processing';",
        "delete from public.consents where purpose = 'ai_processing'; update public.ai_runs set status = 'discarded';",
    ),
    "ai_runs_unwritten": Case(
        "update public.ai_runs set status = 'promoted', output = '{}', promoted_at = null;",
        "update public.ai_runs set status = 'promoted', output = '{}', promoted_at = now();",
    ),
    "withdrawn_files": Case(
        "update public.oracle_artifacts set state = 'withdrawn' where kind = 'pdf';",
        "update public.oracle_artifacts set state = 'withdrawn', storage_path = null where kind = 'pdf';",
    ),
    "print_views_stored": Case(
        "update public.oracle_artifacts set storage_path = 'abcdef0123456789' where kind = 'print_view';",
        "update public.oracle_artifacts set storage_path = 'abcdef0123456789' where kind = 'gift';",
    ),
    "consents_unlike_ledger": Case(
        STATE.format("passport_write"),
        "delete from public.consents where purpose = 'passport_write';",
    ),
    "consent_ledger_lately_broken": Case(
        "update public.consent_events set evidence = '{\"surface\": \"forged\"}' where purpose = 'passport_write';",
        "update public.consent_events set subject_id = null, evidence = null, personal_salt = null"
        " where purpose = 'passport_write'; delete from public.consents where purpose = 'passport_write';",
    ),
    "audit_trail_lately_broken": Case(
        "delete from public.admin_audit_events where id = (select min(id) from public.admin_audit_events);",
        audited("0 minutes"),
    ),
    "ledgers_unsealed": Case(
        audited("2 hours"),
        audited("50 minutes"),
    ),
    "seals_lately_broken": Case(
        "update public.oracle_scrolls set answer = 'Another answer.' where sealed_at is not null;",
        "update public.oracle_scrolls set answer = 'Another answer.' where sealed_at is null;",
    ),
    "passports_unfounded": Case(
        "update public.passport_records set scroll_id = %(other_scroll)s;",
        "delete from public.passport_records;",
        also=("seals_lately_broken",),
    ),
    "echoes_late": Case(
        "update public.echo_entries set due_at = now() - interval '25 hours';",
        "update public.echo_entries set due_at = now() - interval '25 hours', status = 'cancelled';",
    ),
    "privacy_requests_overdue": Case(
        "update public.privacy_requests set due_at = now() - interval '1 minute';",
        "update public.privacy_requests set due_at = now() - interval '1 minute', extended_until ="
        " now() + interval '30 days';",
    ),
    "privacy_requests_due_soon": Case(
        "update public.privacy_requests set due_at = now() + interval '6 days';",
        "update public.privacy_requests set due_at = now() + interval '6 days', closed_at = now();",
    ),
}  # fmt: skip


# Every trigger of the wall, switched off for what the wall would refuse, and on again.
WALL = """do $$ declare t record; begin
  for t in select tgrelid::regclass as relation, tgname from pg_trigger
            where not tgisinternal and tgrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace)
  loop execute format('alter table %s {} trigger %I', t.relation, t.tgname); end loop; end $$"""


@pytest.fixture
def world(server: EmbeddedPostgres, shared_database: Databases) -> Iterator[Callable[[str], psycopg.Connection[Any]]]:
    """Give a database with the world in it, then changed by statements that no wall holds back."""
    with psycopg.connect(shared_database(server).admin_url, cursor_factory=psycopg.ClientCursor) as connection:
        ids = {name: uuid.uuid4() for name in NAMES}
        connection.execute(WORLD, ids)

        def change(statements: str) -> psycopg.Connection[Any]:
            connection.execute(WALL.format("disable"))
            connection.execute("set local session_replication_role = replica")
            connection.execute(statements, ids)
            connection.execute("set local session_replication_role = origin")
            connection.execute(WALL.format("enable always"))
            return connection

        yield change
        connection.rollback()


def fired(connection: psycopg.Connection[Any], **options: Any) -> set[str]:
    outcome = check_invariants(connection, **options)
    assert not outcome.unknowns
    return {finding.rule for finding in outcome.findings}


def test_each_invariant_has_a_query_a_case_and_a_repair_or_a_decision() -> None:
    proofs = {proof.query for chapter in RULES.chapters for proof in chapter.proofs if proof.query}
    wholes = {invariant.whole for invariant in INVARIANTS if invariant.whole}
    assert BY_ID.keys() == CASES.keys()
    assert {path.stem for path in QUERY_FOLDERS[0].glob("*.sql")} == BY_ID.keys() - proofs
    assert wholes <= proofs
    assert {path.stem for path in REPAIR_FOLDER.glob("*.sql")} == {i.id for i in INVARIANTS if i.repairs}
    assert all(i.repairs or i.decide for i in INVARIANTS)
    assert all(i.why == first_comment(i.query()) for i in INVARIANTS)


def test_each_risk_is_shown_by_an_invariant() -> None:
    shown = {risk.id for invariant in INVARIANTS for risk in invariant.risks}
    assert shown == {risk.id for risk in RULES.risks}


def test_a_sound_world_has_no_finding(world: Callable[[str], psycopg.Connection[Any]]) -> None:
    assert fired(world("select 1")) == set()


def test_an_empty_database_has_no_finding(server: EmbeddedPostgres, shared_database: Databases) -> None:
    with connect(shared_database(server).url, read_only=True) as connection:
        assert fired(connection) == set()


@pytest.mark.parametrize("id", CASES)
def test_it_fires(id: str, world: Callable[[str], psycopg.Connection[Any]]) -> None:
    assert fired(world(CASES[id].bad)) == {id, *CASES[id].also}


@pytest.mark.parametrize("id", CASES)
def test_a_near_miss_does_not_fire(id: str, world: Callable[[str], psycopg.Connection[Any]]) -> None:
    assert id not in fired(world(CASES[id].near))


@pytest.mark.parametrize("invariant", [i for i in INVARIANTS if i.whole], ids=lambda i: i.id)
def test_a_whole_walk_finds_it_too(invariant: Invariant, world: Callable[[str], psycopg.Connection[Any]]) -> None:
    assert fired(world(CASES[invariant.id].bad), recent=None) == {invariant.id}


@pytest.mark.parametrize("id", [i.id for i in INVARIANTS if i.repairs])
def test_its_repair_clears_it(id: str, world: Callable[[str], psycopg.Connection[Any]]) -> None:
    """As the owner, who is no superuser, with the wall standing again."""
    connection = world(CASES[id].bad)
    (finding,) = [f for f in check_invariants(connection).findings if f.rule == id]
    assert finding.repair
    connection.execute("set local role postgres")
    connection.execute(finding.repair)
    connection.execute("reset role")
    assert id not in fired(connection)


def test_a_repair_leaves_the_sound_world_as_it_is(world: Callable[[str], psycopg.Connection[Any]]) -> None:
    connection = world("select 1")
    before = connection.execute("select (select array_agg(j.*) from public.delivery_jobs j)::text").fetchone()
    for invariant in INVARIANTS:
        if invariant.repair:
            connection.execute(invariant.repair)
    assert connection.execute("select (select array_agg(j.*) from public.delivery_jobs j)::text").fetchone() == before
    assert fired(connection) == set()


def test_a_finding_shows_counts_and_no_row(world: Callable[[str], psycopg.Connection[Any]]) -> None:
    connection = world("".join(case.bad for id, case in CASES.items() if id in ("dead_letters", "withdrawn_files")))
    said = repr(check_invariants(connection))
    assert "1 row of which this is not true" in said
    assert "A question" not in said
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}", said)


@pytest.mark.parametrize("role", ["oracle_operator", "service_role", "authenticated", "anon"])
def test_a_role_that_sees_too_little_says_so(role: str, world: Callable[[str], psycopg.Connection[Any]]) -> None:
    """Counting what row-level security leaves would be counting nothing."""
    connection = world(CASES["dead_letters"].bad + CASES["audit_trail_lately_broken"].bad)
    connection.execute(f"set local role {role}")
    outcome = check_invariants(connection)
    ledgers = {id for id in BY_ID if id.endswith(("ledger_lately_broken", "trail_lately_broken"))}
    answered = {"service_role": set(BY_ID), "oracle_operator": ledgers}.get(role, set())
    assert {f.rule for f in outcome.findings} == {"dead_letters", "audit_trail_lately_broken"} & answered
    assert {u.what for u in outcome.unknowns} >= {i.title for i in INVARIANTS if i.id not in answered}
    assert not {u.what for u in outcome.unknowns} & {BY_ID[id].title for id in answered}
    assert all("may not see all of it" in u.why for u in outcome.unknowns)


def test_an_owner_held_by_row_level_security_is_not_told_that_all_is_well(
    world: Callable[[str], psycopg.Connection[Any]],
) -> None:
    connection = world(CASES["dead_letters"].bad)
    connection.execute("create role held nologin in role postgres; grant usage on schema public, wall to held")
    connection.execute("alter table public.delivery_jobs owner to held; set local role held")
    outcome = check_invariants(connection, [BY_ID["dead_letters"]])
    assert not outcome.findings
    assert "may not see all of it" in outcome.unknowns[0].why


def test_a_bare_database_is_unknown(server: EmbeddedPostgres, shared_database: Databases) -> None:
    with connect(shared_database(server, "bare").url, read_only=True) as connection:
        outcome = check_invariants(connection)
    assert not outcome.findings
    assert {unknown.what for unknown in outcome.unknowns} == {invariant.title for invariant in INVARIANTS}
    assert "apply the migrations first" in outcome.unknowns[0].why


def test_what_takes_too_long_is_unknown(world: Callable[[str], psycopg.Connection[Any]]) -> None:
    connection = world("lock table public.products in access exclusive mode")
    with connect(connection.info.dsn and _url(connection), read_only=True) as other:
        outcome = check_invariants(other, [BY_ID["links_without_product"]], seconds=0.2)
    assert "took too long" in outcome.unknowns[0].why


def _url(connection: psycopg.Connection[Any]) -> str:
    info = connection.info
    return f"postgresql://supabase_admin@/{info.dbname}?host={info.host}&port={info.port}"


def test_a_row_that_is_slipped_in_behind_the_chain_is_seen(world: Callable[[str], psycopg.Connection[Any]]) -> None:
    """Its number is an old one, so the next sealing will not look at it."""
    behind = (
        "update public.ledger_seals set created_at = created_at - interval '2 hours';"
        "delete from public.ledger_seals where ledger = 'admin_audit_events' and position = 1;"
    )
    assert fired(world(behind)) == {"audit_trail_lately_broken", "consent_ledger_lately_broken"}
    assert "ledgers_unsealed" not in fired(world("select 1"))


def test_a_walk_that_stops_early_says_so(world: Callable[[str], psycopg.Connection[Any]]) -> None:
    connection = world("insert into public.consent_events (request_id, purpose, action, personal_digest, row_hash)"
                       " select gen_random_uuid(), 'passport_write', 'withdrawn', '', ''"
                       " from generate_series(1, 50);")  # fmt: skip
    connection.execute("analyze public.consents")
    outcome = check_invariants(connection, [BY_ID["consents_unlike_ledger"]], recent=2)
    assert "The newest 2 of about 6 rows" in outcome.unknowns[0].why


# Answered from an index -------------------------------------------------------------------------------------

LARGE = ("purchases", "delivery_jobs", "delivery_attempts", "consent_events", "consents", "oracle_artifacts",
         "oracle_scrolls", "passport_records", "share_cards", "gift_recipients", "ai_runs", "echo_entries",
         "stripe_events", "privacy_requests", "admin_audit_events", "ledger_seals")  # fmt: skip


@pytest.fixture(scope="module")
def large(server: EmbeddedPostgres) -> Iterator[psycopg.Connection[Any]]:
    """A database with many finished rows, of which a walk takes one in a thousand, as it would with millions."""
    made = clone_database(server, "migrated")
    with psycopg.connect(made.admin_url) as connection:
        connection.execute(WALL.format("disable"))
        connection.execute("set local session_replication_role = replica")
        connection.execute(Path(__file__).with_name("many_rows.sql").read_bytes())
        connection.execute("select set_config('lab.recent', '5', true)")
        yield connection
        connection.rollback()
    drop_database(made)


def _scans(plan: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if plan["Node Type"] == "Seq Scan":
        yield plan["Relation Name"], plan.get("Parent Relationship", "")
    for child in plan.get("Plans", []):
        yield from _scans(child)


@pytest.mark.xdist_group("large")
@pytest.mark.parametrize("invariant", INVARIANTS, ids=lambda i: i.id)
def test_it_is_answered_from_an_index(invariant: Invariant, large: psycopg.Connection[Any]) -> None:
    row = large.execute(sql.SQL("explain (format json) {}").format(sql.SQL(invariant.query()))).fetchone()
    assert row
    plan = row[0][0]["Plan"]
    assert not {table for table, _ in _scans(plan)} & set(LARGE), json.dumps(plan, indent=1)


@pytest.mark.xdist_group("large")
@pytest.mark.parametrize("ledger", ["consent_events", "admin_audit_events"])
def test_a_walk_of_a_ledger_reads_no_more_than_its_bound(ledger: str, large: psycopg.Connection[Any]) -> None:
    """What a function reads is in no plan, so it is counted."""
    read = "select sum(seq_scan)::int, sum(idx_tup_fetch)::int from pg_stat_xact_user_tables where relname = any(%s)"
    walked = "select intact, checked, unsealed from public.verify_ledger(%s, 5)"
    (scans, rows), found, (more_scans, more_rows) = (
        large.execute(query, [values]).fetchone() or ()
        for query, values in ((read, list(LARGE)), (walked, ledger), (read, list(LARGE)))
    )
    assert found == (True, 5, 0)
    assert more_scans == scans
    assert 10 <= more_rows - rows <= 40
