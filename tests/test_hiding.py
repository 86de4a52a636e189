"""No key that stands in a live database comes out of a check, whatever holds it and whichever form is asked for."""

import traceback
from collections.abc import Callable, Iterator

import psycopg
import pytest

from fixtures.servers import Database
from lab.checks.schema.expected import load_expected, majors
from lab.checks.schema.read import HIDING, read_catalogue
from lab.checks.schema.redaction import hide_facts, hide_words
from lab.database.embedded.scratch import open_scratch
from lab.database.embedded.server import EmbeddedPostgres
from lab.migrations.apply import apply_migrations
from lab.readiness.formats import TEXT_FORMATS
from lab.readiness.report import Report
from lab.readiness.request import Request
from lab.readiness.run import inspect_target
from lab.readiness.scripts import repair_file
from lab.text.secret_patterns import HIDDEN, hide_secrets
from lab.ui.readiness.findings import write_detail

# A word that no pattern knows, for what is hidden whatever it looks like; and what looks like a key.
PLAIN = "canary of the gate"
KEYS = {
    "stripe": "sk_live_canary51HqFakeFakeFake",
    "webhook": "whsec_canaryFakeFakeFake",
    "supabase": "sb_secret_canaryFakeFakeFake",
    "token": "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoiY2FuYXJ5In0.canary-signature",
    "opaque": "7fCanaryQ2x9LmZp84TgVb61Ws",
    "letters": "cAnArYqWeRtYuIoPaSdFgHjK",
    "password": "postgresql://writer:canarypassword@db.example/x",
}
URL = "https://hooks.example/in"
PLACES: dict[str, tuple[str, ...]] = {
    "arguments of a webhook": (
        "create schema if not exists supabase_functions",
        "create or replace function supabase_functions.http_request() returns trigger language plpgsql as"
        " 'begin return new; end'",
        f"create trigger hook after insert on public.purchases for each row execute function"
        f" supabase_functions.http_request('{URL}', 'POST', '{{\"Authorization\":\"{PLAIN} %s\"}}', '{{}}', '5000')",
    ),
    "arguments of a trigger of ours": (
        "create or replace trigger purchases_fixed before update on public.purchases for each row"
        f" execute function wall.refuse_rewrite('{PLAIN} %s')",
    ),
    "a body of ours": (
        "create or replace function wall.is_operational(details jsonb) returns boolean language plpgsql immutable"
        " as $f$ begin perform 'Bearer %s'; return true; end $f$",
    ),
    "a function's default": (
        "create function public.give_consent(word text default '%s') returns uuid language sql as 'select null::uuid'",
    ),
    "a function's setting": (f"alter function public.accept_gift(text) set app.gate = '{PLAIN} %s'",),
    "a role's setting": (f"alter role authenticated set gate.word = '{PLAIN} %s'",),
    "the database's setting": ("alter database postgres set pgrst.jwt_secret = '%s'",),
    "a served schema": ("alter role authenticator set pgrst.db_pre_request = '%s'",),
    "a comment": ("comment on table public.purchases is 'ask with %s'",),
    "a column's default": ("alter table public.purchases alter column currency set default '%s'",),
    "a condition of a check": ("alter table public.purchases add constraint gate check (currency <> '%s')",),
    "a policy": ("create policy gate on public.purchases using (currency = '%s')",),
    "a rule of a policy of ours": ("alter policy owner_reads_purchases on public.purchases using (currency = '%s')",),
    "a rewrite rule": (
        "create rule gate as on update to public.purchases where new.currency = '%s' do instead nothing",
    ),
    "an index": ("create unique index gate on public.purchases (id) where currency <> '%s'",),
    "a view of ours": (
        "create or replace view public.stray as select '%s'::text as word, question from public.oracle_scrolls",
        "grant select on public.stray to anon",
    ),
    "a function of somebody else's": (
        "create function public.gate() returns text language sql security definer as $f$ select '%s' $f$",
    ),
    "an event trigger": (
        "create function public.watch() returns event_trigger language plpgsql as $f$ begin perform '%s'; end $f$",
        "alter function public.watch() owner to postgres",
        "create event trigger watch on ddl_command_end execute function public.watch()",
    ),
    "a foreign server": (
        "create foreign data wrapper gate",
        "create server gate foreign data wrapper gate options (host 'h', password '%s')",
        "create user mapping for postgres server gate options (password '%s')",
    ),
    "a subscription": (
        "create subscription gate connection 'host=nowhere password=''%s''' publication p with (connect = false)",
    ),
}


@pytest.fixture(scope="module")
def lived_in() -> Iterator[EmbeddedPostgres]:
    """A server with the wall and every key in every place; settings of roles belong to all of a server."""
    with open_scratch() as server:
        apply_migrations(server.url())
        with psycopg.connect(server.admin_url(), autocommit=True) as admin:
            for statements in PLACES.values():
                for statement in statements:
                    admin.execute(statement.replace("%s", " ".join(KEYS.values())).encode())
        yield server


def write_everything(report: Report) -> dict[str, str]:
    """Return all that comes out of a check, by what shows it."""
    told = {form: write(report) for form, write in TEXT_FORMATS.items()}
    told["repair script"] = repair_file(report)
    told["page"] = "\n".join(
        write_detail(f, "") + f.expected + f.seen + (f.repair.sql if f.repair else "") + str(f.counterexample)
        for f in report.findings
    )
    told["values"] = repr(report)
    return told


def test_facts_that_the_rules_expect_hide_no_others(lived_in: EmbeddedPostgres) -> None:
    """They are taken as they are, and everything beside them is searched as before."""
    with psycopg.connect(lived_in.admin_url()) as connection:
        searched = read_catalogue(connection)
        known = load_expected(searched.major).objects
        assert read_catalogue(connection, known=known).objects == searched.objects
    trigger = "public.purchases.purchases_fixed"
    assert searched.objects["trigger"][trigger] != known["trigger"][trigger]


def test_no_key_comes_out(lived_in: EmbeddedPostgres) -> None:
    with psycopg.connect(lived_in.admin_url()) as connection:
        catalogue = read_catalogue(connection)
    report = inspect_target(Request(target="lived in", url=lived_in.url()))
    assert {
        "trigger:public.purchases.hook:extra",
        "policy:public.purchases.gate:extra",
        "function:wall.is_operational(jsonb):body",
        "setting:authenticated|*|gate.word:extra",
    } <= {finding.key for finding in report.findings}
    told = write_everything(report) | {"catalogue": repr(catalogue)}
    words = [PLAIN, "canarypassword", "canary-signature", *KEYS.values()]
    assert [(where, word) for where, text in told.items() for word in words if word in text] == []
    assert all(HIDDEN in told[form] for form in ("text", "json", "sarif"))


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_a_key_is_known_by_its_form(key: str) -> None:
    for text in (key, f"ask with {key}", f"currency = '{key}'", f'\'{{"x": "{key}"}}\''):
        assert "canary" not in hide_secrets(text).lower()


def test_a_traceback_shows_none(lived_in: EmbeddedPostgres) -> None:
    """What was read holds no key, so neither does an error about it."""
    with psycopg.connect(lived_in.admin_url()) as connection:
        catalogue = read_catalogue(connection)
    try:
        raise ValueError(repr(catalogue.objects["trigger"]))
    except ValueError:
        told = traceback.format_exc()
    assert "supabase_functions.http_request" in told
    assert [word for word in (PLAIN, *KEYS.values()) if word in told] == []


@pytest.mark.parametrize("major", majors())
def test_nothing_that_the_rules_say_is_hidden(major: int) -> None:
    """Or else the two sides would be alike there, whatever the database has."""
    objects = load_expected(major).objects
    changed = [
        f"{kind} {name}"
        for kind, found in objects.items()
        for name, f in found.items()
        if (HIDING.get(kind) or hide_facts)(f) != f
    ]
    assert changed == []


STRANGE: dict[str, tuple[str, ...]] = {
    "a view": (
        "create view operations.gate as"
        " select jsonb_build_object('x-hook', 'hunter2secret') as h, 'qWeRtYuIoPaSd' as w",
    ),
    "a function's default": (
        "create function wall.gate(a text default 'hunter2secret') returns text language sql as"
        " $f$ select 'qWeRtYuIoPaSd' $f$",
    ),
    "a function of one statement": (
        "create function operations.gate() returns text language sql begin atomic select 'hunter2secret'::text; end",
    ),
    "a policy": ("create policy gate on public.purchases using (currency <> 'hunter2secret')",),
    "an escaped word": (r"create policy gate on public.products using (title <> E'it''s \\\\ hunter2secret')",),
    "a trigger's condition": (
        "create trigger gate before update on public.purchases for each row when (new.currency = 'hunter2secret')"
        " execute function wall.refuse_change()",
    ),
    "a rule": (
        "create rule gate as on insert to public.products where new.title = 'hunter2secret' do instead nothing",
    ),
    "an index": (
        "create index gate on public.products (coalesce(title, 'hunter2secret')) where title <> 'qWeRtYuIoPaSd'",
    ),
    "a check": ("alter table public.products add constraint gate check (title <> 'hunter2secret')",),
    "a column": ("alter table public.products add column gate text default 'hunter2secret'",),
}  # fmt: skip


@pytest.mark.parametrize("statements", STRANGE.values(), ids=STRANGE)
def test_what_no_rule_declares_is_shown_without_its_words(
    server: EmbeddedPostgres, database: Callable[..., Database], statements: tuple[str, ...]
) -> None:
    """A word in quotes may be a secret, whatever it looks like; what the rules themselves write is none."""
    place = database(server)
    with psycopg.connect(place.admin_url, autocommit=True) as admin:
        for statement in statements:
            admin.execute(statement.encode())
    report = inspect_target(Request(target="strange", url=place.url))
    told = write_everything(report)
    assert "gate" in told["text"]
    assert [(where, word) for where, text in told.items() for word in ("hunter2", "qWeRt") if word in text] == []


def test_an_example_shows_no_word_of_a_check_that_no_rule_declares(
    server: EmbeddedPostgres, database: Callable[..., Database]
) -> None:
    """The example meets that check as well, so it was guessed from its words."""
    place = database(server)
    with psycopg.connect(place.admin_url, autocommit=True) as admin:
        table = "alter table public.council_sessions"
        admin.execute(f"{table} drop constraint council_sessions_closed_with_voices".encode())
        admin.execute(f"{table} add check (status <> 'closed' or summary = 'hunter2secret')".encode())
    report = inspect_target(Request(target="strange", url=place.url))
    assert [where for where, text in write_everything(report).items() if "hunter2" in text and where != "values"] == []
    (example,) = [finding.counterexample for finding in report.findings if finding.counterexample]
    assert example["row"] == {"status": "closed", "voices": [], "summary": HIDDEN}


KEPT = {
    "nextval('public.products_id_seq'::regclass)": None,
    "state = 'paid'::text and note = 'x y'::text": "state = 'paid'::text and note = '(not shown)'::text",
    'a."it\'s" = \'x\' or a."b" = 1': 'a."it\'s" = \'(not shown)\' or a."b" = 1',
    "date'2020-01-01' = e'a\\'b' and c = 2": "date'(not shown)' = '(not shown)' and c = 2",
    "a = $q$x 'y$q$ and b = 'torn": "a = '(not shown)' and b = '(not shown)'",
    "(current_setting('request.jwt.claims'::text, true))::json ->> 'sub'::text": None,
}


@pytest.mark.parametrize("text", KEPT)
def test_the_shape_stays(text: str) -> None:
    assert hide_words({"definition": text, "name": text}) == {"definition": KEPT[text] or text, "name": text}


SHOWN = [
    "CreateStripeCheckoutSessionForVisitor",
    "subject_id = (select auth.uid()) and status = 'paid'",
    "current_setting('request.jwt.claims', true)::json ->> 'sub'",
    "new.lease_token <> old.lease_token",
    "'7d0f6e2c-1b1a-4a55-9d0b-0d3f8f7f3f10'::uuid",
    "delivery_jobs_one_pending_for_each_artifact",
]


@pytest.mark.parametrize("text", SHOWN)
def test_what_is_no_secret_stays(text: str) -> None:
    assert hide_secrets(text) == text


TEXTS: dict[str, Callable[[str], str]] = {
    "a header": lambda key: f'{{"Authorization":"Bearer {key}"}}',
    "a named value": lambda key: f"api_key => '{key}'",
    "a connection": lambda key: f"host=h password={key} user=u",
    "an address": lambda key: f"https://u:{key}@h/x",
    "a field": lambda key: f"{{'token': '{key}'}}",
}


@pytest.mark.parametrize("write", TEXTS.values(), ids=TEXTS)
def test_what_stands_at_a_secret_s_place_is_hidden(write: Callable[[str], str]) -> None:
    assert "abcdef" not in hide_secrets(write("abcdef"))
