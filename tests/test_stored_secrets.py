"""A key, token or password that stands in the catalogue is a finding of its own, and is shown nowhere."""

import base64
import json
from collections.abc import Callable

import psycopg
import pytest

from fixtures.servers import Database
from lab.checks.finding import Finding
from lab.checks.schema.check import check_connection
from lab.database.embedded.server import EmbeddedPostgres
from lab.readiness.request import Request
from lab.readiness.run import inspect_target
from lab.rules.model import Severity
from lab.text.secret_patterns import find_stored
from tests.test_hiding import write_everything


def token(role: str) -> str:
    parts = ({"alg": "HS256", "typ": "JWT"}, {"iss": "supabase", "ref": "abcdefghij", "role": role, "iat": 1})
    return ".".join(
        [*(base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts), "c2ln" * 8]
    )


SERVER, BROWSER = token("service_role"), token("anon")
HOOK = "create function public.http_request() returns trigger language plpgsql as 'begin return new; end'"
TRIGGER = (
    "create trigger hook after insert on {table} for each row execute function"
    " public.http_request('https://h.example/in', 'POST', '{{\"Authorization\":\"Bearer {key}\"}}', '{{}}', '5000')"
)
THEIRS = "create table public.posts (id int primary key, body text)"

# What is stored where -> whose finding it is, and how bad it is.
STORED: dict[str, tuple[tuple[str, ...], str, Severity]] = {
    "a webhook of a neighbour": (
        (THEIRS, HOOK, TRIGGER.format(table="public.posts", key=SERVER)), "public.posts.hook", Severity.MEDIUM,
    ),
    "a webhook of ours": (
        (HOOK, TRIGGER.format(table="public.purchases", key=SERVER)), "public.purchases.hook", Severity.MEDIUM,
    ),
    "a body": (
        ("create schema shop", "create function shop.call() returns text language sql as"
         " $f$ select 'Bearer sk-proj-aB3dE5fG7hJ9kL1mN3pQ5rS7' $f$"),
        "shop.call()", Severity.MEDIUM,
    ),
    "a body of one statement": (
        ("create schema shop", "create function shop.call() returns text language sql begin atomic"
         " select 'ghp_aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3z'::text; end"),
        "shop.call()", Severity.MEDIUM,
    ),
    "a default of an argument": (
        ("create schema shop", "create function shop.call(k text default 'xoxb-1234567890-aB3dE5fG7hJ9') returns text"
         " language sql as 'select k'"),
        "shop.call(text)", Severity.MEDIUM,
    ),
    "a function's setting": (
        ("create schema shop", "create function shop.call() returns int language sql set shop.key ="
         " 'sk_live_aB3dE5fG7hJ9kL1mN3' as 'select 1'"),
        "shop.call()", Severity.MEDIUM,
    ),
    "a default": (
        (THEIRS, "alter table public.posts add k text default 'whsec_aB3dE5fG7hJ9kL1mN3'"),
        "public.posts.k", Severity.MEDIUM,
    ),
    "a default of ours": (
        ("alter table public.products alter title set default 'whsec_aB3dE5fG7hJ9kL1mN3'",),
        "public.products.title", Severity.MEDIUM,
    ),
    "a check": (
        (THEIRS, "alter table public.posts add constraint k check (body <> 'AKIAABCDEFGHIJKLMNOP')"),
        "public.posts.k", Severity.MEDIUM,
    ),
    "the shortest address in a check": (
        (THEIRS, "alter table public.posts add constraint k check (body <> 'a://:b@')"),
        "public.posts.k", Severity.MEDIUM,
    ),
    "the shortest address in a default": (
        (THEIRS, "alter table public.posts add k text default 'a://:b@'"), "public.posts.k", Severity.MEDIUM,
    ),
    "a policy": (
        (THEIRS, "create policy k on public.posts using (body = 'glpat-aB3dE5fG7hJ9kL1mN3pQ')"),
        "public.posts.k", Severity.MEDIUM,
    ),
    "a view": (
        ("create view public.k as select 'https://u:p4ssw0rd@h.example/x'::text as a",), "public.k", Severity.MEDIUM,
    ),
    "a rule": (
        (THEIRS, "create rule k as on insert to public.posts where new.body = 'npm_aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3z'"
         " do instead nothing"),
        "public.posts.k", Severity.MEDIUM,
    ),
    "an index": (
        (THEIRS, "create index k on public.posts (body) where body <> 'sb_secret_aB3dE5fG7hJ9kL1mN3'"),
        "public.k", Severity.MEDIUM,
    ),
    "a comment": (
        (THEIRS, "comment on column public.posts.body is 'ask https://hooks.slack.com/services/T0/B0/aB3dE5fG7hJ9kL1m'"),
        "public.posts.body", Severity.MEDIUM,
    ),
    "a comment of ours": (
        ("comment on table public.gift_recipients is 'postgresql://w:p4ssw0rd@db.example/x'",),
        "public.gift_recipients", Severity.MEDIUM,
    ),
    "a setting": (
        ("alter database {here} set shop.key = 'rk_live_aB3dE5fG7hJ9kL1mN3'",), "every role {here}", Severity.MEDIUM,
    ),
    "a foreign server": (
        ("create foreign data wrapper w", "create server k foreign data wrapper w options (api_key 'x',"
         " url 'https://h.example/?token=aB3dE5fG7hJ9kL1mN3')"),
        "k", Severity.MEDIUM,
    ),
    "a user mapping": (
        ("create foreign data wrapper w", "create server k foreign data wrapper w",
         "create user mapping for postgres server k options (secret 'sk_live_aB3dE5fG7hJ9kL1mN3')",
         "grant usage on foreign server k to postgres"),
        "k for postgres", Severity.INFO,
    ),
    "a schedule": (
        ("create schema cron", "create table cron.job (jobid int, command text)",
         "grant usage on schema cron to postgres", "grant select on cron.job to postgres",
         "insert into cron.job values (1, 'select net.http_post(headers := "
         f"''{{\"Authorization\": \"Bearer {SERVER}\"}}'')'), (2, 'vacuum')"),
        "cron.job 1", Severity.INFO,
    ),
    "a connection of another function": (
        ("create schema shop", "create function shop.call() returns text language sql as"
         " $f$ select 'host=db.example user=w password=p4ssw0rd dbname=x' $f$"),
        "shop.call()", Severity.MEDIUM,
    ),
}  # fmt: skip

# What is no secret, or is not stored.
HARMLESS = [
    (THEIRS, HOOK, TRIGGER.format(table="public.posts", key=BROWSER)),
    (THEIRS, HOOK, TRIGGER.format(table="public.posts", key="sb_publishable_aB3dE5fG7hJ9kL1mN3")),
    (THEIRS, HOOK, TRIGGER.format(table="public.posts", key="YOUR_SERVICE_ROLE_KEY_1")),
    ("create function public.a(t text) returns text language sql as $f$ select 'Bearer ' || t $f$",),
    ("create function public.b() returns text language sql as"
     " $f$ select format('{\"Authorization\": \"Bearer %s\", \"token\": \"%s\"}', 'a', 1) $f$",),
    ("create function public.c(password text) returns boolean language sql as"
     " $f$ select password = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' $f$",),
    ("create table public.users (id uuid default '7d0f6e2c-1b1a-4a55-9d0b-0d3f8f7f3f10', password text, api_key text,"
     " constraint a_long_name_of_a_check_2026_01_31_v2 check (length(password) > 8 and api_key <> 'none'))",),
    ("create view public.d as select 'https://h.example/path?page=2&sort=created_at_desc'::text as a",),
    ("comment on schema public is 'See https://docs.example/guides/api-keys?token=YOUR_TOKEN, or key-value stores.'",),
    ("create function public.e() returns text language sql as"
     " $f$ select 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAA' $f$",),
    ("alter database {here} set app.url = 'https://h.example'",),
]  # fmt: skip


def look(place: Database, statements: tuple[str, ...]) -> tuple[list[Finding], dict[str, str]]:
    with psycopg.connect(place.admin_url, autocommit=True) as admin:
        for statement in statements:
            admin.execute(statement.replace("{here}", place.name).encode())
    report = inspect_target(Request(target="shop", url=place.url))
    return [f for f in report.findings if f.kind == "stored_secret"], write_everything(report)


@pytest.fixture
def place(server: EmbeddedPostgres, database: Callable[..., Database]) -> Database:
    return database(server)


@pytest.mark.parametrize("stored", STORED)
def test_a_stored_secret_is_a_finding_and_shown_nowhere(place: Database, stored: str) -> None:
    statements, subject, severity = STORED[stored]
    findings, told = look(place, statements)
    wanted = subject.replace("{here}", place.name)
    assert [(finding.subject, finding.severity) for finding in findings] == [(wanted, severity)]
    assert findings[0].repair is None
    assert "Revoke it" in str(findings[0].decide)
    for secret in ("aB3dE5fG7hJ9", "AKIAABCDEFG", "p4ssw0rd", SERVER[-20:]):
        assert [form for form, text in told.items() if secret in text] == []


INBOX = "create subscription inbox connection 'host=db.example {}' publication p with (connect = false)"


def test_a_password_of_a_subscription_is_told_to_those_who_may_read_it(
    server: EmbeddedPostgres, shared_database: Callable[..., Database]
) -> None:
    with psycopg.connect(shared_database(server).admin_url, prepare_threshold=None) as connection:
        for word, told in (("password=p4ssw0rd", ["info"]), ("passfile=/run/pass", [])):
            with connection.transaction(force_rollback=True):
                connection.execute(INBOX.format(word).encode())
                findings, live = check_connection(connection)
                found = [one for one in findings if one.key == "stored_secret:inbox:extra"]
                assert ([one.severity for one in found], live.unknown) == (told, ())
                assert "p4ssw0rd" not in str(findings)
                connection.execute("set local role ai_worker")
                (unknown,) = check_connection(connection)[1].unknown
                assert (unknown.what, "may not read" in unknown.why) == ("passwords of subscriptions", True)
        connection.rollback()


def test_what_is_taken_away_is_found_no_more(place: Database) -> None:
    assert look(place, STORED["a webhook of ours"][0])[0]
    assert not look(place, ("drop trigger hook on public.purchases",))[0]


def test_what_is_no_secret_is_not_raised(place: Database) -> None:
    for statements in HARMLESS:
        if THEIRS in statements:
            look(place, ("drop table if exists public.posts", "drop function if exists public.http_request()"))
        findings, _ = look(place, statements)
        assert [(statements, finding.title) for finding in findings] == []


def test_a_sound_database_stores_none(each_server: EmbeddedPostgres, database: Callable[..., Database]) -> None:
    """Neither the rules' own texts nor the platform's."""
    for template in ("migrated", "migrated_legacy"):
        assert look(database(each_server, template), ())[0] == []


@pytest.mark.parametrize(
    "text", ["Bearer authentication", "basic-authentication-2", "password='x'", "key: value 12345678901"]
)
def test_words_about_secrets_are_none(text: str) -> None:
    assert find_stored(text) is None
